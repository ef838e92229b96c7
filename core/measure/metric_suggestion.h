#pragma once

#include "core/network/operator_graph.h"

#include <string>

namespace core {

/// A "metric" for a data description that fits the shapes of the network's outputs, as JSON: boxes and scores
/// of equally many boxes, one tensor of boxes, a mask of classes, steps of classes, of tokens or of their
/// embeddings, a single score. Empty where nothing is recognized; a classifier's output has top-1 already.
[[nodiscard]] std::string suggestedMetric(const OperatorGraph& graph);

} // namespace core
