#pragma once

#include "core/execution/executable.h"
#include "core/quantization/resolved_plan.h"

#include <optional>

namespace core {

/// LayerNormalization, InstanceNormalization and GroupNormalization on codes, factors constant; none for
/// other operators and forms.
[[nodiscard]] std::optional<Executable> compileNormalization(const OperatorGraph& graph, const Operator& op,
                                                             const ResolvedPlan& plan);

} // namespace core
