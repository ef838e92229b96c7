#pragma once

#include "core/executable.h"

namespace core {

/// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout: the same elements under another shape. Any element type.
[[nodiscard]] Executable compileReshape(const OperatorGraph& graph, const Operator& op);

/// Concat along any axis: rows of bytes one after the other. All inputs have one element type.
[[nodiscard]] Executable compileConcat(const OperatorGraph& graph, const Operator& op);

} // namespace core
