#pragma once

#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace core {

/// Which channels an element of the weights of Conv, ConvTranspose, Gemm or MatMul (rank 2) belongs to.
class WeightLayout
{
public:
    WeightLayout(const Node& node, const Tensor& weights);

    /// Result channel of element i.
    [[nodiscard]] std::size_t channelOf(std::size_t i) const { return m_channelOf[i]; }
    /// Source channel of element i, counted within its convolution group.
    [[nodiscard]] std::size_t sourceOf(std::size_t i) const
    {
        return static_cast<std::size_t>(static_cast<std::int64_t>(i) / m_sourceStride % m_sources);
    }
    /// Source channel of element i among all of them.
    [[nodiscard]] std::size_t sourceChannelOf(std::size_t i) const
    {
        return channelOf(i) / (channels() / convGroups()) * sources() + sourceOf(i);
    }
    /// Position in the kernel of element i of a convolution, row-major; 0 of a matrix.
    [[nodiscard]] std::size_t tapOf(std::size_t i) const { return i % m_taps; }

    [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(m_channels); }
    [[nodiscard]] std::size_t convGroups() const { return static_cast<std::size_t>(m_convGroups); }
    [[nodiscard]] std::size_t sources() const
    {
        return static_cast<std::size_t>(m_sources);
    } ///< of one group
    [[nodiscard]] std::size_t sourceChannels() const { return sources() * convGroups(); }
    [[nodiscard]] std::size_t taps() const { return m_taps; }
    [[nodiscard]] int axis() const { return static_cast<int>(m_axis); } ///< of the result channels

private:
    void tabulateChannels(std::int64_t count);

    std::vector<std::uint32_t> m_channelOf;
    std::int64_t m_channels;
    std::int64_t m_convGroups;
    std::size_t m_taps = 1;
    std::size_t m_axis = 0;
    std::int64_t m_stride = 1;
    std::int64_t m_perGroup = 1;
    std::int64_t m_groupStride = 1;
    std::int64_t m_sourceStride = 1;
    std::int64_t m_sources = 1;
};

} // namespace core
