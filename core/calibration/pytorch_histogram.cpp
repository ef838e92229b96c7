#include "core/calibration/pytorch_histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace core {

namespace {

void addTo(FixedHistogram& histogram, double value, double count)
{
    const double bin = histogram.width > 0.0 ? std::floor((value - histogram.lowest) / histogram.width) : 0.0;
    histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0.0, histogram.bins() - 1.0))] += count;
}

/// The counts of `old`, bin by bin, as the observer spreads them.
void pour(const FixedHistogram& old, FixedHistogram& wider)
{
    constexpr int kParts = PytorchHistogram::kUpsampling;
    for (int bin = 0; bin < old.bins(); ++bin) {
        const double count = old.counts[static_cast<std::size_t>(bin)];
        for (int part = 0; count > 0.0 && part < kParts; ++part) {
            addTo(wider, old.edge(bin) + old.width * (part + 0.5) / kParts, count / kParts);
        }
    }
}

} // namespace

PytorchHistogram::PytorchHistogram(int bins)
    : m_bins(bins)
{
    assert(bins > 0);
}

FixedHistogram PytorchHistogram::emptyOver(double min, double max) const
{
    return {min, (max - min) / m_bins, std::vector<double>(static_cast<std::size_t>(m_bins))};
}

void PytorchHistogram::add(std::span<const float> values)
{
    if (values.empty()) {
        return;
    }
    const auto [low, high] = std::ranges::minmax(values);
    const bool isFirst = m_histogram.counts.empty();
    const double min = isFirst ? low : std::min(m_min, static_cast<double>(low));
    const double max = isFirst ? high : std::max(m_max, static_cast<double>(high));
    if (isFirst) {
        m_histogram = emptyOver(min, max);
    } else if (min != m_min || max != m_max) {
        FixedHistogram wider = emptyOver(min, max);
        if (m_min == m_max) {
            addTo(wider, m_min, m_histogram.total());
        } else {
            pour(m_histogram, wider);
        }
        m_histogram = std::move(wider);
    }
    m_min = min;
    m_max = max;
    for (const float v : values) {
        addTo(m_histogram, v, 1.0);
    }
}

} // namespace core
