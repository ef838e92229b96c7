#include "app/common/project.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/widen_floats.h"
#include "core/tensor/input_selection.h"
#include "io/data/data_reader.h"
#include "io/data/input_entries.h"
#include "io/plans/settings.h"

#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

namespace app {

namespace {

/// Inputs that the data keeps constant were folded into the graph: samples go without them.
void dropConstantInputs(const core::Graph& graph, core::DataSource& data)
{
    if (data.constants.empty()) {
        return;
    }
    std::vector<bool> keep;
    for (const core::ValueId id : graph.inputs()) {
        keep.push_back(!data.constants.contains(graph.value(id).name));
    }
    const bool shared = data.evaluation == data.calibration;
    data.evaluation = core::selectInputs(data.evaluation, keep);
    data.calibration = shared ? data.evaluation : core::selectInputs(data.calibration, keep);
}

using Notes = std::vector<std::string>;

/// Computed in float32, whatever float type the model is written in.
Notes widen(Project& project)
{
    Notes notes;
    if (!core::hasOtherFloats(*project.source)) {
        return notes;
    }
    core::WidenedGraph widened = core::widenFloats(*project.source);
    project.source = std::make_shared<const core::Graph>(std::move(widened.graph));
    if (widened.halves > 0) {
        notes.push_back(
            fmt::format("{}: 16-bit floats are computed as float32, their results are not rounded "
                        "to 16 bits",
                        project.model->file));
    }
    if (widened.doubles > 0) {
        notes.push_back(fmt::format("{}: double precision is rounded to float32", project.model->file));
    }
    return notes;
}

/// Takes the quantization out of an already-quantized model. What is worth saying about it.
Notes openGraph(Project& project)
{
    project.source = {project.model, &project.model->graph};
    Notes notes = widen(project);
    if (!core::isQuantized(*project.source)) {
        return notes;
    }
    core::QuantizedModel model = core::splitQuantized(*project.source);
    project.source = std::make_shared<const core::Graph>(std::move(model.shadow));
    project.written = std::move(model.written);
    notes.insert(notes.end(), project.written->warnings.begin(), project.written->warnings.end());
    return notes;
}

/// The user's own where none is named: it need not be there.
std::optional<std::filesystem::path> settingsFile(const std::filesystem::path& settings)
{
    const std::filesystem::path file = settings.empty() ? io::settingsPath() : settings;
    const bool mustExist = !settings.empty() || std::getenv("NOISEFLOOR_SETTINGS");
    return !file.empty() && (mustExist || std::filesystem::exists(file)) ? std::optional(file) : std::nullopt;
}

} // namespace

core::CustomMethods userMethods(const std::filesystem::path& settings)
{
    const auto file = settingsFile(settings);
    return file ? io::customMethodsOf(*file) : core::CustomMethods{};
}

core::CustomMetrics userMetrics(const std::filesystem::path& settings)
{
    const auto file = settingsFile(settings);
    return file ? io::customMetricsOf(*file) : core::CustomMetrics{};
}

core::QuantizationPlan defaultPlan(const std::filesystem::path& model)
{
    return core::isQuantized(io::readOnnx(model).graph) ? core::QuantizationPlan::makeWritten()
                                                        : core::QuantizationPlan::makeDefault();
}

core::QuantizationPlan defaultPlan(const Project& project)
{
    return project.written ? core::QuantizationPlan::makeWritten() : core::QuantizationPlan::makeDefault();
}

Project openProject(const ProjectRequest& request)
{
    Project project;
    core::SessionOptions options = request.options;
    options.customMethods.merge(userMethods(request.settings));
    project.model = std::make_shared<const io::OnnxModel>(io::readOnnx(request.model));
    const Notes notes = openGraph(project);
    const io::DataRequest dataRequest{request.data, request.shapes, request.calibrationSamples,
                                      userMetrics(request.settings)};
    std::vector<core::Shape> shapes;
    try {
        project.data = io::openData(*project.source, dataRequest);
        shapes = io::boundInputShapes(*project.source, project.data, dataRequest);
    } catch (const core::Error& error) {
        const std::string file =
            request.data.empty() ? project.model->file : request.data.filename().string();
        const bool named = std::string_view(error.what()).find(file) != std::string_view::npos;
        throw core::Error(error.kind(), named ? error.what() : fmt::format("{}: {}", file, error.what()));
    }
    project.data.warnings.insert(project.data.warnings.end(), notes.begin(), notes.end());
    const Notes unequal = io::unequalDimensions(*project.source, shapes);
    project.data.warnings.insert(project.data.warnings.end(), unequal.begin(), unequal.end());
    try {
        project.graph = core::bindShapes(*project.source, shapes, project.data.constants);
        core::refuseNonFiniteWeights(*project.graph);
    } catch (const core::Error& error) {
        throw core::Error(error.kind(), fmt::format("{}: {}", project.model->file, error.what()));
    }
    const auto rebind = [source = project.source,
                         constants = project.data.constants](const std::vector<core::Shape>& open) {
        std::vector<core::Shape> all;
        auto next = open.begin();
        for (const core::ValueId id : source->inputs()) {
            all.push_back(constants.contains(source->value(id).name) ? core::Shape{} : *next++);
        }
        return core::bindShapes(*source, all, constants);
    };
    io::checkLabels(project.data, *project.graph, request.data.filename().string());
    dropConstantInputs(*project.source, project.data);
    project.session = std::make_shared<core::Session>(
        project.graph,
        core::ModelInfo{project.model->file, project.model->sha256, project.model->nodes, project.written},
        project.data, std::move(options), rebind);
    return project;
}

std::shared_ptr<const core::Results> resultsOf(const core::Session& session,
                                               std::shared_ptr<const core::Report> report)
{
    auto results = std::make_shared<core::Results>();
    results->operators = session.operators(*report->plan);
    results->calibration = session.calibrationStatistics();
    results->evaluation = session.evaluationStatistics();
    results->report = std::move(report);
    return results;
}

std::shared_ptr<const core::Results> earlyResultsOf(const core::Session& session,
                                                    std::shared_ptr<const core::Report> report,
                                                    std::shared_ptr<const core::StatisticsByValue> evaluation)
{
    auto results = std::make_shared<core::Results>(*resultsOf(session, std::move(report)));
    results->evaluation = std::move(evaluation);
    results->samplesToCome = session.evaluatedSamples() - results->report->samples;
    return results;
}

std::map<std::string, core::Shape> parseShapes(const std::string& text)
{
    const auto fail = [&] {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("--shape '{}': NAME=1,3,320,320 or batch=1,sequence=128 is expected", text));
    };
    std::map<std::string, core::Shape> shapes;
    core::Shape* shape = nullptr;
    std::string name; // so far: names may hold commas
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        std::string number = text.substr(from, comma - from);
        from = comma + 1;
        if (const std::size_t equals = number.rfind('='); equals != std::string::npos) {
            shape = &shapes[name + number.substr(0, equals)];
            name.clear();
            number.erase(0, equals + 1);
        }
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (name.empty() && shape && error == std::errc{} && end == number.data() + number.size()
            && value >= 0) {
            shape->push_back(value);
        } else {
            name += number + ",";
        }
    }
    const bool isWhole = std::ranges::none_of(
        shapes, [](const auto& item) { return item.second.empty() || item.first.empty(); });
    if (!name.empty() || shapes.empty() || !isWhole) {
        fail();
    }
    return shapes;
}

} // namespace app
