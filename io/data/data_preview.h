#pragma once

#include "core/graph/graph.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace io {

/// Range, mean and histogram of one channel of a preprocessed input; NaN and infinity count in `notFinite`
/// only.
struct ChannelPreview
{
    static constexpr std::size_t kBins = 64;
    double min = 0;
    double max = 0;
    double mean = 0;
    std::int64_t notFinite = 0;
    std::vector<std::uint64_t>
        histogram{}; ///< kBins equal bins over the range of the whole input; empty without values
};

/// What the network is given, for people to look at.
struct InputPreview
{
    std::string name;
    core::DataType type = core::DataType::Undefined;
    core::Shape shape;
    double low = 0; ///< of all channels
    double high = 0;
    std::vector<ChannelPreview> channels; ///< along axis 1 (the last of an NHWC picture); one for rank < 3
    /// The first item of an image-like input (1 or 3 channels), its smallest value black and its largest
    /// white, at full size. Channels are shown as red, green, blue in the network's order, so BGR looks like
    /// what it is.
    std::optional<core::Picture> picture;
};

/// One entry per input of the graph, in its order.
[[nodiscard]] std::vector<InputPreview> previewInputs(const core::Graph& graph, const core::Sample& sample);

} // namespace io
