#pragma once

#include "core/execution/executable.h"
#include "core/quantization/resolved_plan.h"

#include <optional>

namespace core {

/// Integer forms of our own beyond convolutions, matrix products with constant weights, Add, tables and
/// pools: MatMul of two activations, Sum, ReduceMean and ReduceSum, Softmax, BatchNormalization and PRelu by
/// channel, Layer-, Instance- and GroupNormalization, linear Resize and Upsample, embeddings. Codes of 8 bits
/// in and out, rounded half to even. None where the operator, with these shapes, has none: it then runs
/// through FP32.
[[nodiscard]] std::optional<Executable> compileIntegerForm(const OperatorGraph& graph, const Operator& op,
                                                           const ResolvedOperator& resolved,
                                                           const ResolvedPlan& plan);

} // namespace core
