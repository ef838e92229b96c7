#include "core/sensitivity/output_effect.h"

#include "core/report/non_finite.h"

#include <algorithm>

namespace core {

std::optional<double> relativeL2Of(const OutputEffect& effect, const std::vector<MeasuredOutput>& outputs)
{
    std::optional<double> worst;
    for (std::size_t i = 0; i < effect.outputs.size(); ++i) {
        const OutputEffect::Sums& sums = effect.outputs[i];
        const double relative = relativeError(sums.squaredError, sums.squaredReference);
        if (i < outputs.size() && outputs[i].kind == "logits") {
            return relative;
        }
        worst = std::max(worst.value_or(0.0), relative);
    }
    return worst;
}

std::optional<double> sqnrDbOf(const OutputEffect& effect, const std::vector<MeasuredOutput>& outputs)
{
    const auto relative = relativeL2Of(effect, outputs);
    return relative ? decibelsOf(*relative) : std::nullopt;
}

std::optional<double> top1DropOf(const OutputEffect& effect)
{
    if (!effect.accuracy || !effect.accuracy->labelled) {
        return std::nullopt;
    }
    return effect.accuracy->fp32.top1 - effect.accuracy->quantized.top1;
}

} // namespace core
