#include "io/reports/causes.h"

#include "core/report/cause.h"
#include "io/reports/text.h"

#include <fmt/format.h>

namespace io::html {

namespace {

std::string relative(const std::optional<core::ErrorMetrics>& error)
{
    return error && error->relativeL2 ? percentText(*error->relativeL2) : "–";
}

} // namespace

std::string causeNumbers(const core::LayerReport& layer)
{
    const core::OutputQuantization output = layer.outputQuantization.value_or(core::OutputQuantization{});
    const double total = layer.isolated ? layer.isolated->l2 * layer.isolated->l2 : 0.0;
    switch (core::causeOf(layer)) {
    case core::Cause::Weights:
        return fmt::format(
            "quantizing the output explains {} of the squared error; weights are off by {}, channel {} most",
            percentText(total > 0.0 ? output.l2 * output.l2 / total : 0.0),
            layer.weightError && layer.weightError->relativeL2 ? percentText(*layer.weightError->relativeL2)
                                                               : "–",
            layer.weightError ? layer.weightError->worstChannel : -1);
    case core::Cause::Clipped:
        return fmt::format("{} of the values lie outside the range: clip {} against round {} (L2)",
                           percentText(output.clipped), realText(output.clipL2), realText(output.roundL2));
    case core::Cause::Rounded:
        return fmt::format("round {} against clip {} (L2); values span {} of the range",
                           realText(output.roundL2), realText(output.clipL2), percentText(output.rangeUsed));
    case core::Cause::RangeTooWide:
        return fmt::format("values span {} of the range only, the rest of the codes is unused",
                           percentText(output.rangeUsed));
    case core::Cause::Inherited:
        return fmt::format("{} by itself, {} with what comes from above", relative(layer.isolated),
                           relative(layer.accumulated));
    case core::Cause::Amplified:
    case core::Cause::Harmless:
        return fmt::format("{} by itself, {} at the output", relative(layer.isolated),
                           relative(layer.atOutput));
    case core::Cause::None:
        return {};
    }
    return {};
}

} // namespace io::html
