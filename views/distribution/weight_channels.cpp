#include "views/distribution/weight_channels.h"

#include "core/network/weight_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace views {

namespace {

const core::Tensor* weightsOf(const core::Operator& op)
{
    const bool has = op.constants.size() > 1 && op.constants[1];
    return has && op.constants[1]->type() == core::DataType::Float32 && op.constants[1]->rank() >= 2
            && !op.constants[1]->isEmpty()
        ? &*op.constants[1]
        : nullptr;
}

} // namespace

std::shared_ptr<const WeightChannels> WeightChannels::of(const core::Operator& op,
                                                         const core::QuantizedTensorInfo& info,
                                                         const std::stop_token& stop)
{
    const core::Tensor* const weights = weightsOf(op);
    if (!weights || info.params.scale.empty()) {
        return nullptr;
    }
    const core::WeightLayout layout(op.node, *weights);
    const auto values = weights->as<float>();
    auto result = std::make_shared<WeightChannels>();
    result->m_params = info.params;
    result->m_perChannel.resize(layout.channels());
    for (std::size_t i = 0; i < values.size(); ++i) {
        ++result->m_perChannel[layout.channelOf(i)].size;
    }
    std::vector<std::size_t> next(layout.channels());
    for (std::size_t c = 1; c < layout.channels(); ++c) {
        const Channel& before = result->m_perChannel[c - 1];
        result->m_perChannel[c].first = next[c] = before.first + before.size;
    }
    result->m_values.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        result->m_values[next[layout.channelOf(i)]++] = values[i];
    }
    const auto [low, high] = std::ranges::minmax(values);
    result->m_span = {std::min(0.0, double{low}), std::max(0.0, double{high})};
    result->m_map.resize(layout.channels() * kMapBins);
    for (std::size_t c = 0; c < layout.channels() && !stop.stop_requested(); ++c) {
        result->measure(result->m_perChannel[c], c);
    }
    return stop.stop_requested() ? nullptr : result;
}

void WeightChannels::measure(Channel& channel, std::size_t index)
{
    const core::QuantizationParams own = params(index);
    const double width = std::max(m_span.max - m_span.min, 1e-30) / kMapBins;
    double error = 0.0;
    double signal = 0.0;
    const auto all = std::span<const float>(m_values).subspan(channel.first, channel.size);
    const auto [low, high] = std::ranges::minmax(all);
    channel.range = {low, high};
    for (const float value : all) {
        const double code = std::clamp<double>(std::nearbyint(value / own.scale[0]) + own.zeroPoint[0],
                                               own.codes.lowest, own.codes.highest);
        const double d = value - double{own.scale[0]} * (code - own.zeroPoint[0]);
        error += d * d;
        signal += double{value} * value;
        const int bin = std::clamp(static_cast<int>((value - m_span.min) / width), 0, kMapBins - 1);
        ++m_map[index * kMapBins + static_cast<std::size_t>(bin)];
    }
    channel.relativeL2 = signal > 0.0 ? std::sqrt(error / signal) : 0.0;
}

std::span<const float> WeightChannels::values(std::size_t channel) const
{
    return std::span<const float>(m_values).subspan(m_perChannel[channel].first, m_perChannel[channel].size);
}

std::span<const int> WeightChannels::map(std::size_t channel) const
{
    return std::span<const int>(m_map).subspan(channel * kMapBins, kMapBins);
}

core::QuantizationParams WeightChannels::params(std::size_t channel) const
{
    core::QuantizationParams own = m_params;
    const std::size_t scales = m_params.scale.size();
    // One scale, one per channel, or several per channel (or per several channels): the widest that covers
    // it.
    const std::size_t first = channel * scales / count();
    const std::size_t last = std::max(first + 1, (channel + 1) * scales / count());
    const auto widest =
        std::max_element(m_params.scale.begin() + static_cast<std::ptrdiff_t>(first),
                         m_params.scale.begin() + static_cast<std::ptrdiff_t>(std::min(last, scales)));
    const auto at = static_cast<std::size_t>(widest - m_params.scale.begin());
    own.scale = {*widest};
    own.zeroPoint = {at < m_params.zeroPoint.size() ? m_params.zeroPoint[at] : 0};
    own.axis.reset();
    return own;
}

double WeightChannels::codesUsed(std::size_t channel) const
{
    const core::QuantizationParams own = params(channel);
    const core::Range used = range(channel);
    const double steps = (used.max - used.min) / double{own.scale[0]};
    return std::min(1.0, steps / static_cast<double>(own.codes.highest - own.codes.lowest));
}

std::size_t WeightChannels::worst() const
{
    return static_cast<std::size_t>(std::ranges::max_element(m_perChannel, {}, &Channel::relativeL2)
                                    - m_perChannel.begin());
}

} // namespace views
