#pragma once

#include "core/graph/graph.h"

#include <memory>

namespace bench {

/// The topology of ResNet-50 v1 for 224×224 pictures, BatchNormalization already folded: 53 convolutions, 16
/// residual sums, 3.86 GMAC. Weights are seeded random numbers that keep activations of order one.
[[nodiscard]] std::shared_ptr<const core::Graph> resNet50(unsigned seed);

} // namespace bench
