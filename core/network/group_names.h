#pragma once

#include "core/network/operator_graph.h"

namespace core {

/// Names what several operators are together, in Operator::group: "attention" (MatMul, Softmax, MatMul and
/// what scales or masks between them), "channel shuffle" (Reshape, Transpose of the two parts of the
/// channels, Reshape), "batch permutation" (Gather of all items in another order).
void nameGroups(OperatorGraph& graph);

} // namespace core
