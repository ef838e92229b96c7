#pragma once

#include "core/execution/executable.h"
#include "core/params/quantization_params.h"

#include <optional>

namespace core {

/// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout: the same elements under another shape. Any
/// element type.
[[nodiscard]] Executable compileReshape(const OperatorGraph& graph, const Operator& op);

/// Concat along any axis: rows of bytes one after the other. All inputs have one element type.
[[nodiscard]] Executable compileConcat(const OperatorGraph& graph, const Operator& op);

/// Transpose of any element type, in one pass whatever the layout of the input.
[[nodiscard]] Executable compileTranspose(const OperatorGraph& graph, const Operator& op);

/// Resize and Upsample of spatial axes (1-D to 3-D): nearest for any element type, linear for FP32. None for
/// other modes, batch or channels resized, positions outside, or scales computed at run time.
[[nodiscard]] std::optional<Executable> compileResize(const OperatorGraph& graph, const Operator& op);

/// The same for mode linear on codes of 8 bits: interpolated as integers, requantized once
/// (kernels/int8/quantized_resize.h). None for other modes, too.
[[nodiscard]] std::optional<Executable> compileLinearResize(const OperatorGraph& graph, const Operator& op,
                                                            const QuantizationParams& src,
                                                            const QuantizationParams& dst);

} // namespace core
