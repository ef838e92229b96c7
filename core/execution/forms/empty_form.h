#pragma once

#include "core/execution/executable.h"
#include "core/network/operator_graph.h"

#include <optional>

namespace core {

/// What an operator runs whose one output is known to hold no elements: no kernel. None of others, also where
/// a dimension is known only when it runs. The output's type is `codes` where that is given.
[[nodiscard]] std::optional<Executable> emptyForm(const OperatorGraph& graph, const Operator& op,
                                                  std::optional<DataType> codes = {});

} // namespace core
