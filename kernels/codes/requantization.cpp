#include "kernels/codes/requantization.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kernels {

Requantization makeRequantization(std::span<const float> accumulatorScale, const QuantizedFormat& dst,
                                  const Activation& activation,
                                  const std::optional<QuantizedFormat>& residual)
{
    using Kind = Activation::Kind;
    Requantization how;
    how.multiplier.assign(accumulatorScale.begin(), accumulatorScale.end());
    how.residualMultiplier = residual ? residual->scale : 0.0f;
    how.activation = activation;
    how.dst = dst;
    how.residual = residual;
    if (dst.type == ElementType::F32 || dst.type == ElementType::S32) {
        return how;
    }
    if (!isAppliedToCodes(activation.kind)) {
        how.divisor = dst.scale;
        return how;
    }
    for (float& value : how.multiplier) {
        value /= dst.scale;
    }
    how.residualMultiplier /= dst.scale;
    if (activation.kind == Kind::Relu) {
        how.dst.lowest = std::max(dst.lowest, dst.zeroPoint);
        how.activation = {};
    } else if (activation.kind == Kind::Clip) {
        const auto codeOf = [&dst](float real) {
            return codeOfScaled(static_cast<double>(real) / static_cast<double>(dst.scale), dst);
        };
        how.dst.lowest = std::max(dst.lowest, codeOf(activation.alpha));
        how.dst.highest = std::min(dst.highest, codeOf(activation.beta));
        how.activation = {};
    }
    return how;
}

void storeRequantized(std::int64_t acc, float multiplier, std::int32_t residualCode,
                      const Requantization& how, std::span<std::byte> dst, std::size_t i)
{
    if (how.dst.type == ElementType::S32) {
        storeCode(dst, ElementType::S32, i, static_cast<std::int32_t>(acc));
        return;
    }
    float value = static_cast<float>(acc) * multiplier;
    if (how.residual) {
        value = std::fma(how.residualMultiplier, static_cast<float>(residualCode - how.residual->zeroPoint),
                         value);
    }
    value = apply(how.activation, value);
    if (how.dst.type == ElementType::F32) {
        std::memcpy(dst.data() + i * sizeof(float), &value, sizeof(float));
        return;
    }
    storeCode(dst, how.dst.type, i, codeOfScaled(static_cast<double>(value / how.divisor), how.dst));
}

} // namespace kernels
