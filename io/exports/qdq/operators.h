#pragma once

#include "io/exports/qdq/context.h"

namespace io {

/// An operator on real numbers, between the DequantizeLinear of what it reads and the QuantizeLinear of what
/// it writes, with the nodes that were fused into it behind it.
void writeOperator(QdqContext& context, core::OperatorId id);

/// An operator as one node on codes; its form is not None.
void writeNative(QdqContext& context, core::OperatorId id);

} // namespace io
