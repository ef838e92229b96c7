#pragma once

#include "core/execution/executable.h"
#include "core/quantization/resolved_plan.h"

#include <string>

namespace core {

/// LSTM or GRU with quantized gates (kernels/int8/quantized_recurrent.h): weights as resolved, X and initial
/// states codes, each output quantized to params of its own.
[[nodiscard]] Executable compileRecurrent(const OperatorGraph& graph, const Operator& op,
                                          const ResolvedOperator& resolved, const ResolvedPlan& plan);

} // namespace core
