#pragma once

#include "core/execution/executable.h"
#include "core/network/operator_graph.h"

#include <optional>

namespace core {

/// What an operator runs whose one output is known to hold no elements: no kernel. None of others, also where
/// a dimension is known only when it runs.
[[nodiscard]] std::optional<Executable> emptyForm(const Operator& op, DataType type, const Shape& shape);

} // namespace core
