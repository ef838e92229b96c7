#pragma once

#include "core/graph/operator_registry.h"

namespace core {

/// Types and shapes of a node's outputs as its definition infers them, behind the checks that hold for every
/// operator: a word of an attribute is one that ONNX knows, no size is beyond 64 bits or negative. Throws
/// core::Error naming the node, and for sizes its shapes and the numbers they come from.
[[nodiscard]] std::vector<ValueInfo> inferChecked(const OperatorDefinition& definition,
                                                  const InferContext& context);

} // namespace core
