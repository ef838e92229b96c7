#include "core/calibration/mxnet_histogram.h"

#include <algorithm>
#include <cmath>

namespace core {

void MxnetHistogram::add(std::span<const float> values)
{
    double magnitude = 0.0;
    for (const float v : values) {
        magnitude = std::max(magnitude, static_cast<double>(std::abs(v)));
    }
    if (m_histogram.counts.empty()) {
        m_threshold = magnitude > 0.0 ? magnitude : 0.5;
        m_histogram = {-m_threshold, 2.0 * m_threshold / kBins, std::vector<double>(kBins)};
    } else if (magnitude > m_threshold) {
        const auto more =
            static_cast<std::size_t>(std::floor((magnitude - m_threshold) / m_histogram.width)) + 1;
        m_threshold += static_cast<double>(more) * m_histogram.width;
        m_histogram.lowest = -m_threshold;
        m_histogram.counts.insert(m_histogram.counts.begin(), more, 0.0);
        m_histogram.counts.insert(m_histogram.counts.end(), more, 0.0);
    }
    for (const float v : values) {
        const double bin = std::floor((v - m_histogram.lowest) / m_histogram.width);
        ++m_histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0.0, m_histogram.bins() - 1.0))];
    }
}

} // namespace core
