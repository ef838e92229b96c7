#include "core/network/weight_layout.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_constants.h"
#include "core/tensor/shape.h"

#include <algorithm>

namespace core {

WeightLayout::WeightLayout(const Node& node, const Tensor& weights)
    : m_channels(outputChannels(node, weights))
    , m_convGroups(convolutionGroups(node))
{
    const Shape& shape = weights.shape();
    const Shape strides = rowMajorStrides(shape);
    const bool transposed = isTransposedConvolution(node.type);
    const WeightAxisPair axes = weightAxes(node, weights.rank());
    m_axis = axes.result;
    m_stride = strides[m_axis];
    m_perGroup = shape[m_axis];
    m_groupStride = transposed && m_convGroups > 1 ? weights.count() / m_convGroups : weights.count();
    m_sourceStride = strides[axes.source];
    m_sources = shape[axes.source] / (transposed ? m_convGroups : 1);
    if (isConvolution(node.type)) {
        m_taps = static_cast<std::size_t>(std::max<std::int64_t>(strides[1], 1));
    }
    tabulateChannels(weights.count());
}

/// channelOf(i) = i / groupStride · perGroup + i / stride % perGroup, run by run: every weight asks several
/// times, and divisions would take longer than all else.
void WeightLayout::tabulateChannels(std::int64_t count)
{
    m_channelOf.reserve(static_cast<std::size_t>(count));
    std::int64_t withinGroup = 0;
    for (std::int64_t i = 0; i < count; i += m_stride) {
        const std::int64_t channel = i / m_groupStride * m_perGroup + withinGroup;
        m_channelOf.insert(m_channelOf.end(), static_cast<std::size_t>(m_stride),
                           static_cast<std::uint32_t>(channel));
        withinGroup = withinGroup + 1 == m_perGroup ? 0 : withinGroup + 1;
    }
}

} // namespace core
