#pragma once

#include "core/execution/executable.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/tensor.h"

#include <string>

namespace core {

/// The value nearest to x in that precision: bf16 and fp16 half to even (fp16 overflows to infinity);
/// DNNLOWP's fake forms as Precision::Kind says. Fp32 and integers: x itself.
[[nodiscard]] float roundedTo(Precision precision, float x);

/// Every element rounded; other types than float32 as they are.
[[nodiscard]] Tensor roundedTo(Precision precision, const Tensor& tensor);

/// The weights of an operator of which they alone have fewer bits, as FP32 numbers.
[[nodiscard]] Tensor loneWeights(const Operator& op, const ResolvedOperator& resolved);

/// The FP32 form on rounded operands (inputs, weights, bias), accumulating in FP32; bf16 and fp16 round the
/// result too. Weight-only: the weights alone are rounded.
[[nodiscard]] Executable compileLowFloat(const OperatorGraph& graph, const Operator& op,
                                         const ResolvedOperator& resolved);

} // namespace core
