#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>

/// Why an operator cannot run as a plan wishes; how it runs where it can stands in core/execution.
namespace core {

/// Whether it is one of DNNLOWP's fake forms, of which operands are rounded but results are not.
[[nodiscard]] bool isFakeForm(Precision precision);

/// Why an operator cannot run in a low floating-point precision; empty where it can. The fake forms are of
/// Gemm and MatMul.
[[nodiscard]] std::string lowFloatObstacle(const OperatorGraph& graph, const Operator& op,
                                           Precision precision);

/// Why an LSTM or GRU has no integer form; empty when it has one: constant weights, default activations, no
/// peepholes, no clip, whole sequences, time first.
[[nodiscard]] std::string recurrentObstacle(const Operator& op);

} // namespace core
