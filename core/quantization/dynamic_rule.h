#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <string>
#include <vector>

namespace core {

/// Why a value cannot be quantized at run time; empty when it can. As DNNLOWP and ONNX Runtime do it, the
/// linear operators that read a float tensor quantize it themselves; operators that only move values move
/// floats then. It takes plain 8-bit settings, and a writer that can write floats. `settings`: by OperatorId,
/// all fields set.
[[nodiscard]] std::string obstacleToDynamic(const OperatorGraph& graph,
                                            const std::vector<OperatorSettings>& settings, ValueId id);

} // namespace core
