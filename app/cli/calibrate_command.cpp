#include "app/cli/options.h"
#include "core/calibration/method.h"
#include "core/error.h"

#include <cmath>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct CalibrateCommand
{
    RunOptions options;
    std::string methods = "all";
    std::string thresholds;
};

std::vector<core::CalibrationMethod> methodsOf(const std::string& text)
{
    std::vector<core::CalibrationMethod> methods;
    if (text == "all") {
        for (const auto& definition : core::calibrationMethods()) {
            if (definition.choose) { // `manual` chooses nothing
                methods.push_back({std::string(definition.name), definition.parameter});
            }
        }
        return methods;
    }
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        methods.push_back(core::parseCalibrationMethod(text.substr(start, comma - start)));
        start = comma + 1;
    }
    return methods;
}

Json number(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json thresholdsOf(const core::TensorStatistics& statistics, const std::vector<core::CalibrationMethod>& methods,
                  const core::OperatorSettings& settings)
{
    Json json;
    const core::CalibrationTarget target {*settings.activation.scheme, *settings.activation.bits};
    for (const core::CalibrationMethod& method : methods) {
        const core::Range range = core::calibrate(statistics, method, target);
        const auto cost = core::quantizationCost(statistics, core::chooseActivationParams(range, target.scheme, target.bits));
        json[core::toString(method)] = {{"range", {number(range.min), number(range.max)}},
                                        {"clip_l2", number(std::sqrt(cost.clipSquared))},
                                        {"round_l2", number(std::sqrt(cost.roundSquared))},
                                        {"clipped", number(cost.clippedShare)},
                                        {"sqnr_db", number(cost.sqnrDb())}};
    }
    return json;
}

int run(const CalibrateCommand& command)
{
    const auto methods = methodsOf(command.methods);
    const auto plan = planOf(command.options);
    const app::Project project = openProject(command.options);
    if (!project.session->calibrate(*plan, interruption(), progressOf(command.options))) {
        fmt::print(stderr, "noisefloor-cli: cancelled\n");
        return Cancelled;
    }
    const auto statistics = project.session->calibrationStatistics();
    const auto graph = project.session->operators(*plan);
    Json json;
    json["format"] = "noisefloor-thresholds/1";
    json["model"] = {{"file", project.session->model().file}, {"sha256", project.session->model().sha256}};
    json["samples"] = project.data.calibration->size();
    json["synthetic"] = project.data.calibration->isSynthetic();
    json["tensors"] = Json::object();
    for (const core::Operator& op : graph->operators) {
        const std::string& name = graph->value(op.outputs[0]).name;
        const auto it = statistics->find(name);
        if (it == statistics->end() || it->second.total.count == 0) {
            continue;
        }
        const auto settings = op.type == "Input" ? plan->settingsForInput(op.name) : plan->settingsFor(op.name, op.type);
        const core::Moments& m = it->second.total;
        json["tensors"][name] = {{"operator", op.name},
                                 {"count", m.count},
                                 {"min", number(m.min)},
                                 {"max", number(m.max)},
                                 {"mean", number(m.mean())},
                                 {"std", number(std::sqrt(m.variance()))},
                                 {"zeros", m.zeros},
                                 {"methods", thresholdsOf(it->second, methods, settings)}};
    }
    if (!command.thresholds.empty()) {
        writeOutput(command.options, command.thresholds, json.dump(1) + "\n");
    } else if (!command.options.quiet) {
        fmt::print("{}\n", json.dump(1));
    }
    return Done;
}

} // namespace

void addCalibrate(CLI::App& app, int& exitCode)
{
    auto command = std::make_shared<CalibrateCommand>();
    CLI::App* sub = app.add_subcommand("calibrate", "Thresholds of every tensor by every method, from one FP32 pass");
    addRunOptions(*sub, command->options);
    sub->add_option("--methods", command->methods, "a,b,… or all");
    sub->add_option("--thresholds", command->thresholds, "Write the thresholds (.json)");
    sub->callback([command, &exitCode] { exitCode = run(*command); });
}

} // namespace cli
