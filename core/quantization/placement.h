#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace core {

/// MXNet's quantize_mode smart (src/operator/quantization/quantize_graph_pass.cc): products run in int8, and
/// of the rest with an integer form what lies, through such operators only, behind one product and before
/// another. By OperatorId why an operator stays float; empty where it need not. `settings` by OperatorId.
[[nodiscard]] std::vector<std::string> smartObstacles(const OperatorGraph& graph,
                                                      const std::vector<OperatorSettings>& settings);

/// Paddle's cpu_bfloat16_placement_pass: an operator between float operators alone gains nothing from bf16.
/// Likewise by OperatorId.
[[nodiscard]] std::vector<std::string> orphanObstacles(const OperatorGraph& graph,
                                                       const std::vector<OperatorSettings>& settings);

} // namespace core
