#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/weight_quantization.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <optional>

namespace core {

/// Weights of a linear operator as the codes say: scale × (q − zeroPoint), row-major.
[[nodiscard]] Tensor dequantizedWeights(const Operator& op, const QuantizedWeights& weights);

enum class BiasIn : std::uint8_t
{
    Codes,
    Float
};

/// A linear or binary operator with its constants as the codes say. srcScale: of its data input. None where
/// it has no quantized constants.
[[nodiscard]] std::optional<Operator> withDequantizedConstants(const Operator& op,
                                                               const QuantizedWeights& weights,
                                                               float srcScale, BiasIn bias = BiasIn::Codes);

} // namespace core
