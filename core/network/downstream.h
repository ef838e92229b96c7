#pragma once

#include "core/network/operator_graph.h"

#include <cstddef>
#include <vector>

namespace core {

/// Operators that depend on what `source` writes, in execution order, without itself.
[[nodiscard]] std::vector<std::size_t> downstreamOf(const OperatorGraph& graph, OperatorId source);

} // namespace core
