#pragma once

#include "core/executable.h"
#include "core/operator_graph.h"
#include "core/resolved_plan.h"

#include <string>

namespace core {

/// Params of a value that is quantized at run time: min-max of the tensor itself, as the value's scheme and
/// bits say (DNNLOWP's batch min-max, ONNX Runtime's DynamicQuantizeLinear). NaN and infinities are left out.
[[nodiscard]] QuantizationParams dynamicParams(const Tensor& real, const ResolvedValue& value);

/// The params that a tensor of that value is quantized with: chosen beforehand, or from the tensor itself.
[[nodiscard]] QuantizationParams paramsOf(const ResolvedValue& value, const Tensor& real);

/// A linear operator whose data input arrives as float and is quantized at run time. The product of codes is
/// exact in int32; bias and residual are added in float:
///   y = activation(s_x·s_w[c]·Σ (q_x − z_x)·q_w + b[c] + residual)
/// and y is written as float, or as codes where its own params are known beforehand.
[[nodiscard]] Executable compileDynamic(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan);

/// The operator as its weights are quantized for it: without the bias, which stays float.
[[nodiscard]] Operator withoutBias(const Operator& op);

} // namespace core
