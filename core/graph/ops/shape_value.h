#pragma once

#include "core/graph/graph.h"

namespace core::ops {

/// What a Shape or Size node gives for a value of that static shape, without looking at its elements.
[[nodiscard]] Tensor shapeValue(const Node& node, const Shape& shape);

} // namespace core::ops
