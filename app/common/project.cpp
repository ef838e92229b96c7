#include "app/common/project.h"

#include "core/bind_shapes.h"
#include "core/error.h"
#include "io/data_reader.h"
#include "io/settings.h"

#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

namespace app {

core::CustomMethods userMethods(const std::filesystem::path& settings)
{
    const std::filesystem::path file = settings.empty() ? io::settingsPath() : settings;
    const bool mustExist = !settings.empty() || std::getenv("NOISEFLOOR_SETTINGS");
    return !file.empty() && (mustExist || std::filesystem::exists(file)) ? io::customMethodsOf(file) : core::CustomMethods{};
}

Project openProject(const ProjectRequest& request)
{
    Project project;
    core::SessionOptions options = request.options;
    options.customMethods.merge(userMethods(request.settings));
    project.model = std::make_shared<const io::OnnxModel>(io::readOnnx(request.model));
    const io::DataRequest dataRequest{request.data, request.shapes};
    std::vector<core::Shape> shapes;
    try {
        project.data = io::openData(project.model->graph, dataRequest);
        shapes = io::boundInputShapes(project.model->graph, project.data, dataRequest);
    } catch (const core::Error& error) {
        const std::string file =
            request.data.empty() ? project.model->file : request.data.filename().string();
        const bool named = std::string_view(error.what()).find(file) != std::string_view::npos;
        throw core::Error(error.kind(), named ? error.what() : fmt::format("{}: {}", file, error.what()));
    }
    try {
        project.graph = core::bindShapes(project.model->graph, shapes);
        core::refuseNonFiniteWeights(*project.graph);
        core::refuseEmptyValues(*project.graph);
    } catch (const core::Error& error) {
        throw core::Error(error.kind(), fmt::format("{}: {}", project.model->file, error.what()));
    }
    io::checkLabels(project.data, *project.graph, request.data.filename().string());
    project.session = std::make_shared<core::Session>(
        project.graph, core::ModelInfo{project.model->file, project.model->sha256, project.model->nodes},
        project.data, std::move(options));
    return project;
}

std::shared_ptr<const core::Results> resultsOf(const core::Session& session, std::shared_ptr<const core::Report> report)
{
    auto results = std::make_shared<core::Results>();
    results->operators = session.operators(*report->plan);
    results->calibration = session.calibrationStatistics();
    results->evaluation = session.evaluationStatistics();
    results->report = std::move(report);
    return results;
}

std::pair<std::string, core::Shape> parseShape(const std::string& text)
{
    const auto fail = [&] {
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--shape '{}': NAME=1,3,320,320 is expected", text));
    };
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos) {
        fail();
    }
    core::Shape shape;
    const char* at = text.data() + equals + 1;
    const char* const end = text.data() + text.size();
    while (at < end) {
        std::int64_t value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} || value < 1 || (next != end && *next != ',')) {
            fail();
        }
        shape.push_back(value);
        at = next == end ? end : next + 1;
    }
    if (shape.empty()) {
        fail();
    }
    return {text.substr(0, equals), shape};
}

} // namespace app
