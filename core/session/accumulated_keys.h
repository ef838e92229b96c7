#pragma once

#include "core/base/fingerprint.h"
#include "core/network/operator_graph.h"
#include "core/network/sequence.h"
#include "core/quantization/resolved_plan.h"

#include <vector>

namespace core {

/// accumulatedKey(op) = hash(op and its params, accumulatedKey of its producers), by OperatorId; an input
/// that is fed back depends on the producers of its state.
[[nodiscard]] std::vector<Fingerprint> accumulatedKeys(const OperatorGraph& graph, const ResolvedPlan& plan,
                                                       const Fingerprint& data,
                                                       const std::vector<StateLink>& states);

} // namespace core
