#pragma once

#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/tensor.h"

/// What is decided from the tensor itself, at run time.
namespace core {

/// Params of a value that is quantized at run time: from the tensor itself by the value's method (dynamic,
/// dynamic:l2, dynamic:p99), as its scheme and bits say. dynamic is DNNLOWP's batch min-max and ONNX
/// Runtime's DynamicQuantizeLinear. NaN and infinities are left out.
[[nodiscard]] QuantizationParams dynamicParams(const Tensor& real, const ResolvedValue& value);

/// The params that a tensor of that value is quantized with: chosen beforehand, or from the tensor itself.
[[nodiscard]] QuantizationParams paramsOf(const ResolvedValue& value, const Tensor& real);

/// The operator as its weights are quantized for it: without the bias, which stays float.
[[nodiscard]] Operator withoutBias(const Operator& op);

} // namespace core
