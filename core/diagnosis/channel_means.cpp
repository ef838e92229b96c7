#include "core/diagnosis/channel_means.h"

#include "core/measure/layer_metrics.h"

#include <algorithm>

namespace core {

void ChannelMeans::add(const Tensor& quantized, const Tensor& reference)
{
    const auto layout = channelLayoutOf(reference);
    const Tensor other = toLayout(quantized, reference.layout());
    m_sum.resize(std::max(m_sum.size(), layout.channels));
    m_count.resize(m_sum.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(reference.count()); ++i) {
        const double e = static_cast<double>(other.as<float>()[i]) - reference.as<float>()[i];
        const std::size_t c = i / layout.stride % layout.channels;
        m_sum[c] += e;
        m_count[c] += 1.0;
        m_squared += e * e;
    }
}

void ChannelMeans::merge(const ChannelMeans& other)
{
    m_sum.resize(std::max(m_sum.size(), other.m_sum.size()));
    m_count.resize(m_sum.size());
    for (std::size_t c = 0; c < other.m_sum.size(); ++c) {
        m_sum[c] += other.m_sum[c];
        m_count[c] += other.m_count[c];
    }
    m_squared += other.m_squared;
}

double ChannelMeans::mean(std::size_t channel) const
{
    return m_count[channel] > 0.0 ? m_sum[channel] / m_count[channel] : 0.0;
}

double ChannelMeans::share() const
{
    double constant = 0.0;
    for (std::size_t c = 0; c < m_sum.size(); ++c) {
        constant += mean(c) * m_sum[c];
    }
    return m_squared > 0.0 ? constant / m_squared : 0.0;
}

Tensor withoutMean(const Tensor& y, const ChannelMeans& means)
{
    const auto layout = channelLayoutOf(y);
    TensorBuilder builder(DataType::Float32, y.shape(), y.layout());
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = y.as<float>()[i] - static_cast<float>(means.mean(i / layout.stride % layout.channels));
    }
    return std::move(builder).finish();
}

} // namespace core
