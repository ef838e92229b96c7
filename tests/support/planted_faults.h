#pragma once

#include "core/graph/graph.h"
#include "core/network/operator_graph.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace support {

/// `count` samples from `first` on.
[[nodiscard]] std::shared_ptr<const core::Dataset> samplesOf(std::shared_ptr<const core::Dataset> data,
                                                             std::size_t first, std::size_t count);

/// The first input of every sample changed: edit(values, shape, index).
using EditInput = std::function<void(std::vector<float>&, const core::Shape&, std::size_t)>;
[[nodiscard]] std::shared_ptr<const core::Dataset> withInput(std::shared_ptr<const core::Dataset> data,
                                                             const std::string& what, EditInput edit);

/// Channels 0 and 2 exchanged as pixels: before the mean is taken off and the result divided by std (in those
/// units).
[[nodiscard]] EditInput swapColors(std::vector<float> mean, std::vector<float> deviation);
[[nodiscard]] EditInput scaleBy(float factor);
[[nodiscard]] EditInput shiftBy(float offset);
[[nodiscard]] EditInput scaleOneSample(std::size_t index, float factor);
[[nodiscard]] EditInput blank();
/// The bytes of N×H×W×C read as N×C×H×W.
[[nodiscard]] EditInput interleave();

/// The graph with other constants, by name of the value.
[[nodiscard]] std::shared_ptr<const core::Graph>
withConstants(const core::Graph& graph, const std::map<std::string, core::Tensor>& constants);

/// A Conv and the only operator that reads it, also a Conv; nothing but a Relu between, nothing folded into
/// the first.
struct ConvPair
{
    std::size_t first = 0;
    std::size_t second = 0;
};
[[nodiscard]] std::vector<ConvPair> convPairs(const core::OperatorGraph& graph);

/// One output channel of the first times `factor`, its weights in the second divided by it: the same network.
[[nodiscard]] std::shared_ptr<const core::Graph>
scaleChannel(const core::OperatorGraph& graph, const ConvPair& pair, std::size_t channel, float factor);

/// One output channel of the first becomes a constant that the second ignores.
[[nodiscard]] std::shared_ptr<const core::Graph>
constantChannel(const core::OperatorGraph& graph, const ConvPair& pair, std::size_t channel, float value);

/// Two branches of random 3×3 convolutions, joined by a Concat and read by one more: the second branch is
/// `factor` times smaller, and the last convolution, of two groups, makes up for it.
[[nodiscard]] std::shared_ptr<const core::Graph> concatNetwork(float factor, unsigned seed);

/// Two convolutions of inputs ≥ 0. All weights of `saturating` are positive and nearly equal, so that its
/// largest sums of two products of codes do not fit into 16 bits.
[[nodiscard]] std::shared_ptr<const core::Graph> saturatingNetwork(unsigned seed);

} // namespace support
