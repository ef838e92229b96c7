#include "core/report/cause.h"

namespace core {

std::string_view wordFor(Cause cause)
{
    switch (cause) {
    case Cause::None:
        return "";
    case Cause::Harmless:
        return "harmless";
    case Cause::Clipped:
        return "clipped";
    case Cause::Rounded:
        return "rounded";
    case Cause::RangeTooWide:
        return "range too wide";
    case Cause::Weights:
        return "weights";
    case Cause::Inherited:
        return "inherited";
    case Cause::Amplified:
        return "amplified";
    }
    return "";
}

Cause causeOf(const LayerReport& layer)
{
    constexpr double kSmall = 0.01;
    const auto relative = [](const std::optional<ErrorMetrics>& error) {
        return error && error->relativeL2 ? *error->relativeL2 : 0.0;
    };
    const double isolated = relative(layer.isolated);
    const double accumulated = relative(layer.accumulated);
    const double atOutput = relative(layer.atOutput);
    if (isolated < kSmall) {
        if (atOutput >= kSmall && atOutput >= 3.0 * isolated) {
            return Cause::Amplified;
        }
        return accumulated >= 0.03 && accumulated >= 2.0 * isolated ? Cause::Inherited : Cause::None;
    }
    if (layer.atOutput && layer.atOutput->relativeL2 && atOutput < 0.005 && isolated < 0.3) {
        return Cause::Harmless;
    }
    const bool ownHurts = layer.atOutput && atOutput >= 0.5 * isolated;
    if (accumulated >= 3.0 * isolated && !ownHurts) {
        return Cause::Inherited;
    }
    const double total = layer.isolated->l2 * layer.isolated->l2;
    const OutputQuantization output = layer.outputQuantization.value_or(OutputQuantization{});
    if (layer.weightError && output.l2 * output.l2 < 0.5 * total) {
        return Cause::Weights;
    }
    if (!layer.outputQuantization) {
        return Cause::None;
    }
    if (output.clipL2 >= output.roundL2) {
        return Cause::Clipped;
    }
    return output.rangeUsed < 0.4 ? Cause::RangeTooWide : Cause::Rounded;
}

} // namespace core
