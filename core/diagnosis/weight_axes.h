#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/weight_quantization.h"
#include "core/tensor/tensor.h"

#include <cstddef>
#include <optional>

namespace core {

/// Which output and source channel each weight of a Conv, ConvTranspose, Gemm or MatMul belongs to.
class WeightAxes
{
public:
    WeightAxes(const Node& node, const Tensor& weights);

    [[nodiscard]] std::size_t channelOf(std::size_t i) const;
    /// Of all source channels, not of the convolution group alone.
    [[nodiscard]] std::size_t sourceOf(std::size_t i) const;
    [[nodiscard]] std::size_t channels() const { return m_channels; }
    [[nodiscard]] std::size_t sources() const { return m_sources; }

private:
    enum class Order
    {
        OutputFirst, ///< Conv, Gemm with transB
        SourceFirst, ///< ConvTranspose
        OutputLast, ///< MatMul, Gemm
    };
    Order m_order = Order::OutputFirst;
    std::size_t m_groups = 1;
    std::size_t m_inner = 1; ///< elements of one pair of channels
    std::size_t m_channels = 1;
    std::size_t m_sources = 1;
};

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
