#include "core/calibration/symmetric_histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace core {

SymmetricHistogram::SymmetricHistogram(int bins)
    : m_firstBins(bins)
    , m_histogram{-0.5, 1.0 / bins, std::vector<double>(static_cast<std::size_t>(bins))}
{
    assert(bins > 0);
}

void SymmetricHistogram::grow(double magnitude)
{
    if (m_threshold == 0.0) {
        // Whatever was counted so far is zeros, and lies in the middle under any range.
        m_threshold = magnitude;
        m_histogram.lowest = -magnitude;
        m_histogram.width = 2.0 * magnitude / m_firstBins;
        return;
    }
    const std::size_t room = (std::max(kMostBins, m_histogram.counts.size()) - m_histogram.counts.size()) / 2;
    const double wanted = std::floor((magnitude - m_threshold) / m_histogram.width) + 1.0;
    m_isCut = m_isCut || wanted > static_cast<double>(room);
    const auto more = static_cast<std::size_t>(std::min(wanted, static_cast<double>(room)));
    m_threshold += static_cast<double>(more) * m_histogram.width;
    m_histogram.lowest = -m_threshold;
    m_histogram.counts.insert(m_histogram.counts.begin(), more, 0.0);
    m_histogram.counts.insert(m_histogram.counts.end(), more, 0.0);
}

void SymmetricHistogram::add(std::span<const float> values)
{
    double magnitude = 0.0;
    for (const float v : values) {
        magnitude = std::max(magnitude, static_cast<double>(std::abs(v)));
    }
    if (magnitude > m_threshold) {
        grow(magnitude);
    }
    const double last = m_histogram.bins() - 1.0;
    for (const float v : values) {
        const double bin = std::floor((v - m_histogram.lowest) / m_histogram.width);
        ++m_histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0.0, last))];
    }
}

} // namespace core
