#pragma once

#include "core/execution/executable.h"

namespace core {

/// Conv, ConvTranspose, Gemm, MatMul with constant weights in arithmetic of another target or on codes of up
/// to 16 bits: what resolved.arithmetic asks for. Where sums can saturate, run() returns a second tensor
/// behind the result: int64, [2, channels]: saturated pairs and saturated 16-bit sums of this run.
[[nodiscard]] Executable compileEmulatedLinear(const OperatorGraph& graph, OperatorId id,
                                               const ResolvedPlan& plan);

} // namespace core
