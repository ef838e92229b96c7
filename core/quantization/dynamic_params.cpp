#include "core/quantization/dynamic_params.h"

#include <algorithm>
#include <cmath>

namespace core {

QuantizationParams dynamicParams(const Tensor& real, const ResolvedValue& value)
{
    Range range;
    for (const float x : real.as<float>()) {
        if (std::isfinite(x)) {
            range.min = std::min(range.min, static_cast<double>(x));
            range.max = std::max(range.max, static_cast<double>(x));
        }
    }
    const bool isSymmetric = value.params.codes.lowest < 0;
    return chooseActivationParams(range, isSymmetric ? Scheme::Symmetric : Scheme::Asymmetric,
                                  value.params.bits);
}

QuantizationParams paramsOf(const ResolvedValue& value, const Tensor& real)
{
    return value.isDynamic ? dynamicParams(real, value) : value.params;
}

Operator withoutBias(const Operator& op)
{
    Operator plain = op;
    if (plain.constants.size() > 2) {
        plain.constants[2].reset();
    }
    return plain;
}

} // namespace core
