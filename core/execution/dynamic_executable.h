#pragma once

#include "core/execution/executable.h"
#include "core/network/operator_graph.h"
#include "core/quantization/dynamic_params.h"
#include "core/quantization/resolved_plan.h"

#include <string>

namespace core {

/// A linear operator whose data input arrives as float and is quantized at run time. The product of codes is
/// exact in int32; bias and residual are added in float:
///   y = activation(s_x·s_w[c]·Σ (q_x − z_x)·q_w + b[c] + residual)
/// and y is written as float, or as codes where its own params are known beforehand.
[[nodiscard]] Executable compileDynamic(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan);

} // namespace core
