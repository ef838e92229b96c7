#pragma once

#include "core/executable.h"
#include "core/resolved_plan.h"

#include <string>

namespace core {

/// Why an LSTM or GRU has no integer form; empty when it has one: constant weights, default activations, no
/// peepholes, no clip, whole sequences, time first.
[[nodiscard]] std::string recurrentObstacle(const Operator& op);

/// LSTM or GRU with quantized gates (kernels/quantized_recurrent.h): weights s8 per row, X and initial states
/// codes, each output quantized to params of its own.
[[nodiscard]] Executable compileRecurrent(const OperatorGraph& graph, const Operator& op,
                                          const ResolvedPlan& plan);

} // namespace core
