#include "core/diagnosis/dequantized_constants.h"

#include <vector>

namespace core {

Tensor dequantizedWeights(const Operator& op, const QuantizedWeights& weights)
{
    const DequantizedWeights reals(op, weights);
    TensorBuilder builder(DataType::Float32, op.constants[1]->shape());
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        const auto [scale, zeroPoint] = reals.paramsAt(i);
        dst[i] = scale * static_cast<float>(weights.codeAt(i) - zeroPoint);
    }
    return std::move(builder).finish();
}

std::optional<Operator> withDequantizedConstants(const Operator& op, const QuantizedWeights& weights,
                                                 float srcScale, BiasIn biasIn)
{
    Operator result = op;
    const bool isLinear = !weights.channelScale.empty();
    if (isLinear) {
        result.constants[1] = dequantizedWeights(op, weights);
        if (biasIn == BiasIn::Codes && !weights.bias.empty() && op.constants.size() > 2 && op.constants[2]) {
            std::vector<float> bias(weights.bias.size());
            for (std::size_t c = 0; c < bias.size(); ++c) {
                bias[c] = static_cast<float>(static_cast<double>(srcScale) * weights.channelScale[c]
                                             * weights.bias[c]);
            }
            if (static_cast<std::int64_t>(bias.size()) == op.constants[2]->count()) {
                result.constants[2] = makeTensor<float>(op.constants[2]->shape(), bias);
            }
        }
        return result;
    }
    for (std::size_t i = 0; i < op.constants.size() && i < 2; ++i) {
        if (op.constants[i] && static_cast<std::size_t>(op.constants[i]->count()) == weights.codeCount()) {
            std::vector<float> values(weights.codeCount());
            for (std::size_t k = 0; k < values.size(); ++k) {
                values[k] = weights.params.scale[0]
                    * static_cast<float>(weights.codeAt(k) - weights.params.zeroPoint[0]);
            }
            result.constants[i] = makeTensor<float>(op.constants[i]->shape(), values);
            return result;
        }
    }
    return std::nullopt;
}

} // namespace core
