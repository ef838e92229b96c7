#pragma once

#include "core/graph/graph.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

struct ValueInfo
{
    DataType type = DataType::Undefined;
    Shape shape;
};

/// What shape inference may look at: the node, and for each input its type, static shape, and value if
/// constant.
struct InferContext
{
    const Node& node;
    std::vector<ValueInfo> inputs; ///< type Undefined where an optional input is left out
    std::vector<const Tensor*> constants; ///< null where the input is not constant
    bool isRunning = false; ///< the inputs are the operands of one run: their values are data
};

/// Semantics of one ONNX operator: our own shape inference and a plain reference evaluation.
struct OperatorDefinition
{
    /// Types and static shapes of all outputs. Throws core::Error: "conv3: weights have 32 input channels,
    /// src has 16".
    using Infer = std::vector<ValueInfo> (*)(const InferContext&);
    /// Row-major tensors in and out; an absent optional input is an undefined Tensor. Written to be checked
    /// by eye.
    using Evaluate = std::vector<Tensor> (*)(const Node&, std::span<const Tensor>);

    std::string_view domain; ///< empty for ai.onnx
    std::string_view type;
    int sinceVersion = 1; ///< oldest opset whose form we know
    Infer infer = nullptr;
    Evaluate evaluate = nullptr;
};

/// The definition of that operator, or null when we do not know it.
[[nodiscard]] const OperatorDefinition* findOperator(std::string_view domain, std::string_view type);

/// All definitions, sorted by domain and type.
[[nodiscard]] std::span<const OperatorDefinition> allOperators();

} // namespace core
