#pragma once

#include "core/network/operator_graph.h"

#include <optional>
#include <string>

namespace core {

/// The producer whose result channels can be scaled against a consumer's source channels, or why there is
/// none.
struct ScaledPath
{
    std::optional<OperatorId> producer;
    std::string obstacle;
};

/// The linear operator behind the source of another, with nothing between them that a factor above 0 per
/// channel would not pass.
[[nodiscard]] ScaledPath scaledPathTo(const OperatorGraph& graph, const Operator& consumer);

} // namespace core
