#include "core/session/network_comparison.h"

#include <fmt/format.h>

namespace core {

QuantizationPlan withActivationMethod(const QuantizationPlan& plan, const CalibrationMethod& method)
{
    QuantizationPlan next = plan;
    next.defaults.activation.method = method;
    next.defaults.activation.range.reset();
    for (auto* const all : {&next.types, &next.operators, &next.inputs}) {
        for (auto& [name, settings] : *all) {
            settings.activation.method.reset();
            settings.activation.range.reset();
        }
        std::erase_if(*all, [](const auto& entry) { return entry.second.isEmpty(); });
    }
    return next;
}

const OutputReport* decisiveOutput(const Report& report)
{
    const OutputReport* worst = nullptr;
    for (const OutputReport& output : report.outputs) {
        if (output.error.sqnrDb && output.kind == "logits") {
            return &output;
        }
        if (output.error.sqnrDb && (!worst || *output.error.sqnrDb < *worst->error.sqnrDb)) {
            worst = &output;
        }
    }
    return worst;
}

std::optional<double> decisiveOutputDb(const Report& report)
{
    const OutputReport* const output = decisiveOutput(report);
    return output ? output->error.sqnrDb : std::nullopt;
}

std::vector<CalibrationMethod> methodsToCompare(Variants variants)
{
    std::vector<CalibrationMethod> methods;
    for (const CalibrationMethodDefinition& definition : calibrationMethods()) {
        const bool variant = definition.name.find(':') != std::string_view::npos;
        if (definition.choose && !definition.isByName && (!variant || variants == Variants::Include)) {
            methods.push_back({std::string(definition.name), definition.parameter});
        }
    }
    return methods;
}

bool compareOnNetwork(Session& session, const QuantizationPlan& plan,
                      std::span<const CalibrationMethod> methods, const std::stop_token& stop,
                      const ProgressCallback& progress,
                      const std::function<void(const NetworkOutcome&)>& finished)
{
    session.collect({methods.begin(), methods.end()}); // one pass for those that look at samples
    for (std::size_t i = 0; i < methods.size(); ++i) {
        const auto onProgress = [&](const Progress& inner) {
            if (progress) {
                progress({fmt::format("{} ({} of {})", toString(methods[i]), i + 1, methods.size()),
                          i * inner.total + inner.done, methods.size() * inner.total});
            }
        };
        const auto own = std::make_shared<QuantizationPlan>(withActivationMethod(plan, methods[i]));
        const auto report = session.run(own, stop, onProgress, RunScope::WithoutIsolated);
        if (!report) {
            return false;
        }
        finished({methods[i], report});
    }
    return true;
}

} // namespace core
