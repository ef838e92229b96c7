#pragma once

#include "core/graph/graph.h"
#include "kernels/float/elementwise.h"
#include "kernels/shape/post_operation.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace core {

/// What an operator computes, as far as integer forms ask.
enum class OperatorKind : std::uint8_t
{
    Other, ///< no integer form
    Linear, ///< a sum of products with weights
    Binary, ///< sum, difference or product of two operands
    Quotient, ///< of two operands
    Sum, ///< of any number of operands
    Function, ///< of one element
    Movement, ///< every result is an element of the input, moved or found by comparing
    Resampling, ///< moves elements or interpolates between them, as its mode says
    Join, ///< puts several inputs side by side
    OwnRange, ///< averages and the like: the range of its result is its own
    Recurrent, ///< a cell that runs along a sequence
};

enum class LinearForm : std::uint8_t
{
    None,
    Convolution, ///< weights O × I/g × k…
    TransposedConvolution, ///< weights I × O/g × k…
    Gemm, ///< weights K × N, or N × K where transB says so
    MatMul, ///< weights … × K × N
};

enum class PoolForm : std::uint8_t
{
    None,
    Max,
    Average
};

/// What happens to axis 1.
enum class ChannelFlow : std::uint8_t
{
    Mixes, ///< or depends on attributes
    Keeps, ///< channel c of the result depends on channel c of the first input alone
    Reshapes, ///< keeps them where axis 1 stays as long as it was
};

/// Where the elements of the result come from.
enum class ElementFlow : std::uint8_t
{
    Computed,
    Kept, ///< the same elements in the same order, under another shape
    Placed, ///< by position, whatever they are; of Resampling in mode nearest
    Compared, ///< by their value
};

/// Facts about one operator of ONNX that stand nowhere else. Of an operator without a row all are as here.
struct OperatorTraits
{
    std::string_view type{};
    OperatorKind kind = OperatorKind::Other;
    LinearForm linear = LinearForm::None;
    PoolForm pool = PoolForm::None;
    ChannelFlow channels = ChannelFlow::Mixes;
    ElementFlow elements = ElementFlow::Computed;
    std::optional<kernels::BinaryOperation> binary{};
    /// The activation of a kernel that computes the same: it may be fused into the operator before it, from
    /// Tanh on only where the runtime of the plan does so.
    kernels::Activation::Kind activation = kernels::Activation::Kind::None;
    bool isHomogeneous = false; ///< f(a·x) = a·f(x) for a > 0, where its slopes and factors are not below 0
    bool isMonotone = false; ///< a function of one element that never falls
    bool isContinuous =
        false; ///< a function of one element without jumps: a difference quotient is its slope
    bool staysInRange =
        false; ///< no result lies outside the least and the largest element of the first input
    bool staysInUnit = false; ///< every result lies in [0, 1]
    bool isOnCodes = false; ///< quantized models hand it codes as they are
    bool hasFactors = false; ///< multiplies by its constants, which must be finite
    bool normalizesGroups = false; ///< of channels, each to mean 0 and variance 1
    std::size_t gates = 0; ///< of a recurrent cell
};

/// By the type of ai.onnx, or the name that a recognised pattern goes by.
[[nodiscard]] const OperatorTraits& traitsOf(std::string_view type);

/// The operator that computes an activation; empty of None.
[[nodiscard]] std::string_view typeOf(kernels::Activation::Kind activation);

/// All rows, for tests and lists.
[[nodiscard]] std::span<const OperatorTraits> allTraits();

[[nodiscard]] inline bool isLinear(std::string_view type)
{
    return traitsOf(type).linear != LinearForm::None;
}
/// Convolution or transposed convolution.
[[nodiscard]] bool isConvolution(std::string_view type);
[[nodiscard]] inline bool isTransposedConvolution(std::string_view type)
{
    return traitsOf(type).linear == LinearForm::TransposedConvolution;
}
[[nodiscard]] inline bool isMatMul(std::string_view type)
{
    return traitsOf(type).linear == LinearForm::MatMul;
}
[[nodiscard]] inline bool isGemm(std::string_view type) { return traitsOf(type).linear == LinearForm::Gemm; }
[[nodiscard]] inline bool isRecurrent(std::string_view type)
{
    return traitsOf(type).kind == OperatorKind::Recurrent;
}

/// Convolution groups; 1 of a matrix product.
[[nodiscard]] std::int64_t convolutionGroups(const Node& linear);

/// A Gemm whose weights lie N × K.
[[nodiscard]] bool hasTransposedWeights(const Node& linear);

/// Axes of the weights of a linear operator along which result channels and source channels (of one group)
/// lie.
struct WeightAxisPair
{
    std::size_t result = 0;
    std::size_t source = 1;
};
[[nodiscard]] WeightAxisPair weightAxes(const Node& linear, std::size_t rank);

/// Multiplications and additions of a linear operator on tensors of those shapes; 0 of other operators.
[[nodiscard]] double macsOf(const Node& node, const Shape& data, const Shape& weights, const Shape& result);

} // namespace core
