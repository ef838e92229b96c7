#include "core/quantization/dynamic_params.h"

#include "core/calibration/run_time_range.h"

namespace core {

QuantizationParams dynamicParams(const Tensor& real, const ResolvedValue& value)
{
    const bool isSymmetric = value.params.codes.lowest < 0;
    const CalibrationTarget target{isSymmetric ? Scheme::Symmetric : Scheme::Asymmetric, value.params.bits};
    return chooseActivationParams(runTimeRange(real.as<float>(), value.method, target), target.scheme,
                                  target.bits);
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
