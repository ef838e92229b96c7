#pragma once

#include "core/execution/executable.h"
#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"

#include <optional>

namespace core {

/// The executable with the operator's upperBounds cut off its (first) result: reals, or codes of `params`.
/// Itself where there are no bounds.
[[nodiscard]] Executable bounded(Executable inner, const OperatorGraph& graph, const Operator& op,
                                 const std::optional<QuantizationParams>& params);

/// Axis of the result channels of a linear operator: 1, of a matrix product the last.
[[nodiscard]] std::size_t resultChannelAxis(const OperatorGraph& graph, const Operator& op);

} // namespace core
