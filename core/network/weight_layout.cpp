#include "core/network/weight_layout.h"

#include "core/network/fold_constants.h"
#include "core/tensor/shape.h"

#include <algorithm>

namespace core {

WeightLayout::WeightLayout(const Node& node, const Tensor& weights)
    : m_channels(outputChannels(node, weights))
    , m_convGroups(node.type == "Conv" || node.type == "ConvTranspose" ? node.integer("group", 1) : 1)
{
    const Shape& shape = weights.shape();
    const Shape strides = rowMajorStrides(shape);
    const bool transposed = node.type == "ConvTranspose";
    const bool last = node.type == "MatMul" || (node.type == "Gemm" && !node.integer("transB", 0));
    m_axis = transposed ? 1 : last ? weights.rank() - 1 : 0;
    const std::size_t sourceAxis = transposed || last ? 0 : 1;
    m_stride = strides[m_axis];
    m_perGroup = shape[m_axis];
    m_groupStride = transposed && m_convGroups > 1 ? weights.count() / m_convGroups : weights.count();
    m_sourceStride = strides[sourceAxis];
    m_sources = shape[sourceAxis] / (transposed ? m_convGroups : 1);
    if (node.type == "Conv" || transposed) {
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
