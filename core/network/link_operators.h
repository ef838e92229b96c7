#pragma once

#include "core/network/operator_graph.h"

#include <memory>
#include <vector>

namespace core {

/// Sorts operators topologically, links them by the values between them, names groups and equalizes weights.
[[nodiscard]] std::shared_ptr<const OperatorGraph> linkOperators(std::shared_ptr<const Graph> graph,
                                                                 const FusionOptions& options,
                                                                 std::vector<Operator> operators);

} // namespace core
