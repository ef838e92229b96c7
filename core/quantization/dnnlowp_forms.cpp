#include "core/quantization/dnnlowp_forms.h"

#include "core/calibration/dnnlowp_params.h"
#include "core/graph/operator_traits.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace core {

namespace {

bool addsUp(const Operator& op)
{
    const OperatorTraits& traits = traitsOf(op.type);
    return op.node.domain.empty()
        && (traits.kind == OperatorKind::Sum || traits.binary == kernels::BinaryOperation::Add);
}

bool isBytes(const QuantizationParams& params) { return sizeOf(params.type) == 1; }

QuantizationParams intermediateOf(std::span<const QuantizationParams* const> operands, int bits,
                                  bool isSymmetric)
{
    float least = std::numeric_limits<float>::max();
    float most = std::numeric_limits<float>::lowest();
    for (const QuantizationParams* p : operands) { // what their codes can say, not what they were seen to say
        least = std::min(least, p->scale[0] * static_cast<float>(p->codes.lowest - p->zeroPoint[0]));
        most = std::max(most, p->scale[0] * static_cast<float>(p->codes.highest - p->zeroPoint[0]));
    }
    const CodeRange codes = dnnlowpCodes(bits);
    const DnnlowpParams chosen = chooseDnnlowpParams(least, most, codes, {isSymmetric, false, true});
    QuantizationParams params;
    params.type = DataType::UInt16;
    params.bits = bits;
    params.codes = codes;
    params.scale = {chosen.scale};
    params.zeroPoint = {chosen.zeroPoint};
    return params;
}

} // namespace

DnnlowpForms dnnlowpForms(const Operator& op, const ResolvedOperator& resolved,
                          const OperatorSettings& settings,
                          std::span<const QuantizationParams* const> operands,
                          const QuantizationParams& result)
{
    DnnlowpForms forms;
    const bool isDnnlowp =
        settings.activation.convention.value_or(Convention::Noisefloor) == Convention::Dnnlowp;
    const bool areBytes = isBytes(result)
        && std::ranges::all_of(operands, [](const QuantizationParams* p) { return isBytes(*p); });
    if (traitsOf(op.type).normalizesGroups) {
        forms.isFixedPoint = isDnnlowp && areBytes;
        return forms;
    }
    if (!settings.sumBits || !addsUp(op)) {
        return forms;
    }
    const char* obstacle = !isDnnlowp ? "without activation.convention dnnlowp"
        : resolved.weights            ? "with a constant operand"
        : !areBytes                   ? "of more than 8 bits"
                                      : nullptr;
    if (obstacle) {
        forms.note = fmt::format("eltwise_quantization_precision has no form {}: added in FP32", obstacle);
        return forms;
    }
    const bool isSymmetric = settings.activation.scheme == Scheme::Symmetric;
    forms.intermediate = intermediateOf(operands, *settings.sumBits, isSymmetric);
    return forms;
}

float dnnlowpWeightScale(float min, float max)
{
    return chooseDnnlowpParams(min, max, dnnlowpCodes(8)).scale;
}

} // namespace core
