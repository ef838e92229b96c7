#pragma once

#include "core/graph/graph.h"
#include "core/session/session.h"
#include "core/tensor/dataset.h"

#include <memory>
#include <optional>

namespace support {

/// A small MobileNet: conv (3 → 8, Clip 0…6), depthwise (Clip 0…6), pointwise (8 → 6, Relu), average, Gemm (6
/// → 5), with seeded weights. `imbalance`: ratio of the largest to the smallest depthwise channel, which the
/// pointwise convolution makes up for. Source channel `dead` of the depthwise convolution never leaves 0 (all
/// weights of its producer are negative, its source is clipped images) while its weights are 40 times those
/// of the others.
struct ChainOptions
{
    double imbalance = 1.0;
    std::optional<int> dead;
    bool deadOnlyOnData = false; ///< not provable: its bias leaves room above 0 for other images than ours
    std::optional<int> constant; ///< source channel of the depthwise convolution whose producer has weights
                                 ///< of 1e-11 and a bias
};
[[nodiscard]] std::shared_ptr<const core::Graph> chainNetwork(const ChainOptions& options = {});

/// `count` seeded images of 1×3×12×12 in 0…1; calibration data are the evaluation data.
[[nodiscard]] core::DataSource chainData(std::size_t count);

[[nodiscard]] std::unique_ptr<core::Session> chainSession(const ChainOptions& options, std::size_t samples);

} // namespace support
