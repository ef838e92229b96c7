#include "app/cli/command.h"
#include "app/cli/observer_options.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "app/cli/threshold_json.h"
#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/calibration/entropy_ort.h"
#include "core/quantization/weight_statistics.h"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <utility>

namespace cli {

namespace {

struct CalibrateCommand
{
    RunOptions options;
    std::string methods = "all";
    std::string thresholds;
    std::vector<std::string> channels; ///< operators
    ObserverCommand observer;
    bool accuracy = false;
};

core::OperatorSettings settingsOf(const core::QuantizationPlan& plan, const core::Operator& op)
{
    return op.type == "Input" ? plan.settingsForInput(op.name) : plan.settingsFor(op.name, op.type);
}

core::CalibrationTarget activationTarget(const core::QuantizationPlan& plan, const core::Operator& op)
{
    const auto settings = settingsOf(plan, op);
    return {*settings.activation.scheme, *settings.activation.bits};
}

core::CalibrationTarget weightTarget(const core::QuantizationPlan& plan, const core::Operator& op)
{
    const auto settings = settingsOf(plan, op);
    return {*settings.weight.scheme, *settings.weight.bits};
}

ThresholdJson channelsToJson(const std::vector<core::TensorStatistics>& channels,
                             const std::vector<core::CalibrationMethod>& methods,
                             const core::CalibrationTarget& target)
{
    ThresholdJson json = ThresholdJson::array();
    for (const core::TensorStatistics& channel : channels) {
        json.push_back(momentsToJson(channel));
        json.back()["methods"] = thresholdsToJson(channel, methods, target);
    }
    return json;
}

core::OperatorId operatorNamed(const core::OperatorGraph& graph, const std::string& name)
{
    if (const auto found = graph.find(name)) {
        return *found;
    }
    std::vector<std::string> names;
    std::ranges::transform(graph.operators, std::back_inserter(names), &core::Operator::name);
    throw core::Error(
        core::ErrorKind::Usage,
        fmt::format("--channels: no operator is named '{}'{}", name, core::nearMisses(name, names)));
}

/// Top-1 of the whole network when every activation takes that method, beside FP32. None when cancelled,
/// empty without a classifier output.
std::optional<ThresholdJson> accuracyToJson(core::Session& session, const core::QuantizationPlan& plan,
                                            const std::vector<core::CalibrationMethod>& methods, bool quiet,
                                            const core::ProgressCallback& progress)
{
    ThresholdJson json = ThresholdJson::object();
    for (const core::CalibrationMethod& method : methods) {
        core::QuantizationPlan next = plan;
        next.defaults.activation.method = method;
        const auto result = session.outputs(next, interruption(), progress);
        if (!result) {
            return std::nullopt;
        }
        if (!result->accuracy) {
            return ThresholdJson::object();
        }
        const core::Accuracy& a = *result->accuracy;
        ThresholdJson entry = ThresholdJson::object();
        if (a.labelled) {
            json["fp32"] = {{"top1", a.fp32.top1}, {"top5", a.fp32.top5}};
            entry = {{"top1", a.quantized.top1}, {"top5", a.quantized.top5}};
        }
        entry["top1_agreement"] = a.top1Agreement;
        json[core::toString(method)] = std::move(entry);
        if (!quiet) {
            fmt::print("{:<24}{}agreement {:6.2f} %\n", core::toString(method),
                       a.labelled ? fmt::format("top-1 FP32 {:6.2f} %, quantized {:6.2f} %, ", a.fp32.top1,
                                                a.quantized.top1)
                                  : "",
                       a.top1Agreement);
        }
    }
    return json;
}

std::vector<std::string> warningsAbout(const std::vector<core::CalibrationMethod>& methods)
{
    std::vector<std::string> warnings;
    for (const core::CalibrationMethod& method : methods) {
        if (core::isDegenerateOrtEntropy(method)) {
            warnings.push_back(core::degenerateOrtWarning(method));
        }
    }
    return warnings;
}

int run(const CalibrateCommand& command)
{
    const auto methods = methodsOf(command.methods, app::userMethods(command.options.collectors));
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    const auto graph = project.session->operators(*plan);
    std::vector<core::OperatorId> withChannels;
    for (const std::string& name : command.channels) {
        withChannels.push_back(operatorNamed(*graph, name));
    }
    const auto progress = progressOf(command.options);
    project.session->collect(methods);
    if (!project.session->calibrate(*plan, interruption(), progress)) {
        return cancelled();
    }
    const auto statistics = project.session->calibrationStatistics();
    ThresholdJson json;
    json["format"] = "noisefloor-thresholds/1";
    json["model"] = {{"file", project.session->model().file}, {"sha256", project.session->model().sha256}};
    std::uint64_t samples = 0; // those used: a limit may leave some out
    for (const auto& [name, tensor] : *statistics) {
        samples = std::max<std::uint64_t>(samples, tensor.samples);
    }
    json["samples"] = samples;
    json["synthetic"] = project.data.calibration->isSynthetic();
    json["tensors"] = ThresholdJson::object();
    json["weights"] = ThresholdJson::object();
    for (std::size_t i = 0; i < graph->operators.size() && !interruption().stop_requested(); ++i) {
        const core::Operator& op = graph->operators[i];
        const bool wantsChannels = std::ranges::find(withChannels, core::OperatorId(i)) != withChannels.end();
        const std::string& name = graph->value(op.result()).name;
        if (const auto it = statistics->find(name); it != statistics->end()) {
            const auto target = activationTarget(*plan, op);
            ThresholdJson& tensor = json["tensors"][name];
            tensor = {{"operator", op.name}};
            tensor.update(momentsToJson(it->second));
            tensor["methods"] = thresholdsToJson(it->second, methods, target);
            if (wantsChannels) {
                const auto channels =
                    project.session->channelStatistics(*plan, core::OperatorId(i), interruption(), progress);
                if (!channels) {
                    return cancelled();
                }
                tensor["channels"] = channelsToJson(*channels, methods, target);
            }
        }
        if (const auto weights = core::weightStatistics(op, methods)) {
            const auto target = weightTarget(*plan, op);
            ThresholdJson& tensor = json["weights"][op.name];
            tensor = momentsToJson(weights->tensor);
            tensor["methods"] = thresholdsToJson(weights->tensor, methods, target);
            if (wantsChannels) {
                tensor["channels"] = channelsToJson(weights->channels, methods, target);
            }
        }
    }
    if (interruption().stop_requested()) {
        return cancelled();
    }
    if (command.accuracy) {
        const auto accuracy =
            accuracyToJson(*project.session, *plan, methods, command.options.quiet, progress);
        if (!accuracy) {
            return cancelled();
        }
        json["accuracy"] = *accuracy;
    }
    json["warnings"] = warningsAbout(methods);
    if (!command.options.quiet) {
        for (const std::string& warning : warningsAbout(methods)) {
            fmt::print(stderr, "warning: {}\n", warning);
        }
    }
    if (!command.observer.file.empty() && !observe(command.observer, command.options, project, *plan)) {
        return cancelled();
    }
    if (!command.thresholds.empty()) {
        writeOutput(command.options, command.thresholds, json.dump(1) + "\n");
    } else if (!command.options.quiet && command.observer.file.empty() && !command.accuracy) {
        fmt::print("{}\n", json.dump(1));
    }
    return Done;
}

void addOptions(Options& options, CalibrateCommand& command)
{
    addRunOptions(options, command.options);
    addCalibrationSamples(options, command.options);
    options.value("--methods", &command.methods, "a,b,… or all");
    addOutput(options, command.options, "--thresholds", command.thresholds, "Write the thresholds (.json)");
    options.list("--channels", command.channels,
                 "Also every channel of what this operator writes and of its weights");
    options.flag("--accuracy", command.accuracy,
                 "Also run the network with each method for all activations: top-1 side by side");
    addObserver(options, command.options, command.observer);
}

} // namespace

Command calibrateCommand()
{
    return makeCommand<CalibrateCommand>(
        "calibrate", "Thresholds of every tensor by every method, from one FP32 pass", addOptions, run);
}

} // namespace cli
