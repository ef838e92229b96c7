#pragma once

#include "core/base/error.h"
#include "core/graph/operator_registry.h"

#include <optional>

namespace core::ops {

/// Throws Error("name: reason").
[[noreturn]] void fail(const Node& node, const std::string& reason,
                       ErrorKind kind = ErrorKind::ShapeMismatch);

/// Throws unless the first `count` inputs are there.
void requireInputs(const InferContext& context, std::size_t count);

/// Input i with at least that rank; throws naming the input's shape otherwise.
const ValueInfo& inputOfRank(const InferContext& context, std::size_t i, std::size_t leastRank);

[[nodiscard]] inline bool hasInput(const InferContext& context, std::size_t i)
{
    return i < context.inputs.size() && context.inputs[i].type != DataType::Undefined;
}

[[nodiscard]] inline bool hasInput(std::span<const Tensor> inputs, std::size_t i)
{
    return i < inputs.size() && inputs[i].isDefined();
}

/// A list of integers that a node takes as an attribute or as an input. While shapes are inferred an input
/// may be there without being known; while evaluating everything present is known.
struct Integers
{
    bool isPresent = false;
    std::int64_t count = 0; ///< how many, also where the values are not known
    std::optional<std::vector<std::int64_t>> values;

    [[nodiscard]] bool isUnknown() const { return isPresent && !values; }
};

/// From the attribute if it is there, else from input i.
[[nodiscard]] Integers integersOf(const InferContext& context, std::string_view attribute, std::size_t i);
[[nodiscard]] Integers integersOf(const Node& node, std::span<const Tensor> inputs,
                                  std::string_view attribute, std::size_t i);

/// The first element of an input that should be one number. Throws naming the node when it is empty.
[[nodiscard]] std::int64_t firstInteger(const Node& node, const Tensor& tensor);
[[nodiscard]] double firstNumber(const Node& node, const Tensor& tensor);

/// Throws unless input i has that element type.
void requireType(const InferContext& context, std::size_t i, DataType type);

/// Axes made non-negative, in the order given. Throws on an axis given twice or out of range.
[[nodiscard]] std::vector<std::int64_t> normalizedAxes(const Node& node, std::vector<std::int64_t> axes,
                                                       std::size_t rank);

/// One output like input 0.
[[nodiscard]] std::vector<ValueInfo> inferSame(const InferContext& context);

/// One output of input 0's type, in the broadcast shape of all inputs, which must have one type.
[[nodiscard]] std::vector<ValueInfo> inferBroadcast(const InferContext& context);

/// The same for exactly two inputs.
[[nodiscard]] std::vector<ValueInfo> inferBinary(const InferContext& context);

/// The broadcast shape of all inputs.
[[nodiscard]] Shape broadcastOf(const InferContext& context);
[[nodiscard]] Shape broadcastOf(std::span<const Tensor> inputs);

/// ONNX's number of an element type, as in the attributes `to` and `dtype`. Throws naming the node for types
/// we do not hold.
[[nodiscard]] DataType dataTypeOfCode(const Node& node, std::int64_t code);

} // namespace core::ops
