#include "io/data/data_reader.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/bound_dataset.h"
#include "io/data/direct_data.h"
#include "io/data/input_entries.h"
#include "io/data/metric_reader.h"
#include "io/files/file.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace io {

namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

std::vector<std::string> namesOf(const core::Graph& graph, const std::vector<core::ValueId>& ids)
{
    std::vector<std::string> names;
    for (const core::ValueId id : ids) {
        names.push_back(graph.value(id).name);
    }
    return names;
}

DataDescription describe(const DataRequest& request, const std::vector<InputSpec>& all)
{
    std::vector<InputSpec> specs;
    std::ranges::copy_if(all, std::back_inserter(specs), &InputSpec::isRead);
    specs = specs.empty() ? all : specs;
    if (request.path.empty()) {
        return describeRandom(specs);
    }
    std::error_code ignored;
    if (!fs::exists(request.path, ignored)) {
        throw Error(ErrorKind::Io,
                    fmt::format("cannot read {}: No such file or directory", request.path.string()));
    }
    if (request.path.extension() != ".json" || fs::is_directory(request.path)) {
        return describeDirectly(request.path, specs);
    }
    constexpr std::size_t kMostBytes = std::size_t{1} << 24;
    return parseDescription(readFile(request.path, kMostBytes), request.path.filename().string(),
                            request.path.parent_path());
}

std::vector<BoundInput> openInputs(const std::vector<InputDescription>& entries, const Preprocess& preprocess,
                                   const std::vector<InputSpec>& specs)
{
    std::vector<BoundInput> inputs;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        inputs.push_back({specs[i], openInput(entries[i], preprocess, specs[i])});
    }
    return inputs;
}

void bindStates(const core::Graph& graph, const std::vector<InputDescription>& entries,
                const std::vector<BoundInput>& inputs, const std::string& file, core::DataSource& result)
{
    const auto outputs = namesOf(graph, graph.outputs());
    // Where all inputs are constant they are the one sample there is: folded, nothing would be left to run.
    const auto isFolded = [&](std::size_t i) {
        return entries[i].kind == InputKind::Constant && inputs[i].spec.isRead;
    };
    bool isSample = true;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        isSample = isSample && (isFolded(i) || !inputs[i].spec.isRead);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (isFolded(i) && !isSample) {
            result.constants.emplace(inputs[i].spec.name, inputs[i].source->load(0));
        }
        if (entries[i].kind != InputKind::State) {
            continue;
        }
        if (std::ranges::find(outputs, entries[i].from) == outputs.end()) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{}: state {} comes from '{}', which is no output{}; the model has {}",
                                    file, inputs[i].spec.name, entries[i].from,
                                    core::nearMisses(entries[i].from, outputs), fmt::join(outputs, ", ")));
        }
        result.states.push_back({inputs[i].spec.name, entries[i].from});
    }
}

/// The output that labels belong to.
core::ValueId labelsOutput(const core::Graph& graph, const std::string& name, const std::string& file)
{
    const auto names = namesOf(graph, graph.outputs());
    if (name.empty() && names.size() == 1) {
        return graph.outputs().front();
    }
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: labels.output {}{}; the model has {}", file,
                                name.empty() ? "must say to which output they belong"
                                             : fmt::format("'{}' is no output", name),
                                name.empty() ? "" : core::nearMisses(name, names), fmt::join(names, ", ")));
    }
    return graph.outputs()[static_cast<std::size_t>(found - names.begin())];
}

/// Elements per sample of an output whose shape is known up to its batch.
std::optional<std::int64_t> classesOf(const core::Value& output)
{
    if (!output.hasShape || output.shape.empty()) {
        return std::nullopt;
    }
    const auto perSample = std::span(output.shape).subspan(output.shape.size() > 1 ? 1 : 0);
    return core::isStatic(perSample) ? std::optional(core::elementCount(perSample)) : std::nullopt;
}

} // namespace

DataDescription describeData(const core::Graph& graph, const DataRequest& request)
{
    return describe(request, inputSpecs(graph, request.shapes));
}

core::DataSource openData(const core::Graph& graph, const DataRequest& request)
{
    DataDescription description = describeData(graph, request);
    if (request.calibrationSamples > 0) {
        if (!description.calibration) {
            description.calibration.emplace();
        }
        description.calibration->first = static_cast<std::int64_t>(request.calibrationSamples);
    }
    return openData(graph, description, request.shapes, request.metrics);
}

core::DataSource openData(const core::Graph& graph, const DataDescription& description,
                          const std::map<std::string, core::Shape>& shapes,
                          const core::CustomMetrics& metrics)
{
    const std::vector<InputSpec> specs = inputSpecs(graph, shapes);
    const std::vector<InputDescription> entries = entriesOf(description, specs);
    const std::vector<BoundInput> inputs = openInputs(entries, description.preprocess, specs);

    core::DataSource result;
    result.warnings = description.warnings;
    bindStates(graph, entries, inputs, description.file, result);
    std::vector<Label> labels;
    std::optional<std::int64_t> classes;
    if (description.labels) {
        const auto source =
            std::ranges::find_if(inputs, [](const BoundInput& i) { return i.source->size().has_value(); });
        labels =
            readLabels(*description.labels, source == inputs.end() ? *inputs.front().source : *source->source,
                       result.warnings);
        result.labelsOutput = description.labels->output;
        classes = classesOf(graph.value(labelsOutput(graph, result.labelsOutput, description.file)));
    }
    result.evaluation = std::make_shared<BoundDataset>(inputs, labels, std::nullopt);
    if (classes) {
        checkLabels(*result.evaluation, *classes);
    }
    if (description.metric) {
        const auto items =
            std::ranges::find_if(inputs, [](const BoundInput& i) { return i.source->size().has_value(); });
        const BoundInput& leading = items == inputs.end() ? inputs.front() : *items;
        result.metric = openMetric(description, *result.evaluation, *leading.source, leading.spec, metrics,
                                   result.warnings);
    }
    if (!description.calibration) {
        result.calibration = result.evaluation;
        result.calibratesOnEvaluation = true;
        result.warnings.push_back(
            fmt::format("{}: calibration uses the evaluation inputs", description.file));
    } else if (description.calibration->path.empty() && description.calibration->array.empty()) {
        result.calibration = std::make_shared<BoundDataset>(inputs, labels, description.calibration->first);
    } else {
        const auto other = calibrationEntries(entries, *description.calibration, description.file);
        result.calibration =
            std::make_shared<BoundDataset>(openInputs(other, description.preprocess, specs),
                                           std::vector<Label>{}, description.calibration->first);
    }
    return result;
}

void checkLabels(const core::Dataset& data, std::int64_t classes)
{
    for (std::size_t i = 0; data.hasLabels() && i < data.size(); ++i) {
        for (const Label& label : data.labels(i)) {
            if (label && (*label < 0 || *label >= classes)) {
                throw Error(ErrorKind::FileFormat,
                            fmt::format("{}: label {} (offset added) is outside the {} classes of the "
                                        "output; see labels.offset",
                                        data.sampleName(i), *label, classes));
            }
        }
    }
}

void checkLabels(const core::DataSource& data, const core::Graph& bound, const std::string& file)
{
    if (!data.evaluation->hasLabels()) {
        return;
    }
    if (const auto classes = classesOf(bound.value(labelsOutput(bound, data.labelsOutput, file)))) {
        checkLabels(*data.evaluation, *classes);
    }
}

std::vector<core::Shape> boundInputShapes(const core::Graph& graph, const core::DataSource& data,
                                          const DataRequest& request)
{
    const std::vector<InputSpec> specs = inputSpecs(graph, request.shapes);
    const core::Sample sample = data.evaluation->load(0);
    std::vector<core::Shape> shapes;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        shapes.push_back(sample.inputs.at(i).shape());
    }
    return shapes;
}

} // namespace io
