#pragma once

#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/quantization/weight_quantization.h"

#include <memory>

namespace core {

/// Name of the calibration method that takes params as a quantized model has them.
inline constexpr std::string_view kWrittenMethod = "written";

/// Params that the quantized model gives a value; null where it does not quantize it, or the model is not
/// quantized.
[[nodiscard]] const QuantizationParams* writtenParams(const OperatorGraph& graph, ValueId id);

/// Whether the quantized model quantizes the value at run time, by its own range (DynamicQuantizeLinear).
[[nodiscard]] bool isWrittenDynamic(const OperatorGraph& graph, ValueId id);

/// Weights and bias of a Linear operator whose data input has the params `src`, or (src null) the constant
/// operand `operand` of a Binary one, exactly as the model holds them. Null where the model does not quantize
/// them, fusion changed them, or our kernels have no such form (a zero point, per-channel operands of
/// Binary): the operator then runs in FP32 on dequantized weights, which is what the model says, too.
[[nodiscard]] std::shared_ptr<const QuantizedWeights> writtenWeights(const OperatorGraph& graph,
                                                                     const Operator& op, std::size_t operand,
                                                                     const QuantizationParams* src);

} // namespace core
