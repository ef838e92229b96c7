#pragma once

#include "core/executable.h"
#include "core/resolved_plan.h"

#include <optional>

namespace core {

/// LayerNormalization, InstanceNormalization and GroupNormalization on codes, factors constant; none for
/// other operators and forms.
[[nodiscard]] std::optional<Executable> compileNormalization(const OperatorGraph& graph, const Operator& op,
                                                             const ResolvedPlan& plan);

} // namespace core
