#pragma once

#include "core/execution/executable.h"
#include "core/plan/plan.h"
#include "core/tensor/tensor.h"

#include <string>

namespace core {

/// The value nearest to x in that precision: bf16 and fp16 half to even (fp16 overflows to infinity);
/// DNNLOWP's fake forms as Precision::Kind says. Fp32 and integers: x itself.
[[nodiscard]] float roundedTo(Precision precision, float x);

/// Every element rounded; other types than float32 as they are.
[[nodiscard]] Tensor roundedTo(Precision precision, const Tensor& tensor);

/// The FP32 form on rounded operands (inputs, weights, bias), accumulating in FP32; bf16 and fp16 round the
/// result too.
[[nodiscard]] Executable compileLowFloat(const OperatorGraph& graph, const Operator& op, Precision precision,
                                         Backend backend);

} // namespace core
