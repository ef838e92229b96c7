#include "core/calibration/dynamic_histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr std::size_t kOverBinning = 4;

std::size_t binOf(const StaticHistogram& histogram, float value)
{
    const float width = histogram.width();
    if (width == 0.0f) {
        return 0;
    }
    const float bin = std::trunc((value - histogram.min) / width);
    return static_cast<std::size_t>(std::clamp(bin, 0.0f, static_cast<float>(histogram.counts.size() - 1)));
}

float withinFloat(double value)
{
    constexpr double kLargest = std::numeric_limits<float>::max();
    return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

} // namespace

void StaticHistogram::add(float value, std::uint64_t count) { counts[binOf(*this, value)] += count; }

void remap(const StaticHistogram& source, StaticHistogram& destination)
{
    const float sourceWidth = source.width();
    const float width = destination.width();
    for (std::size_t i = 0; i < source.counts.size(); ++i) {
        const std::uint64_t count = source.counts[i];
        if (count == 0) {
            continue;
        }
        const float begin = source.min + sourceWidth * static_cast<float>(i);
        const std::size_t bin = binOf(destination, begin);
        if (sourceWidth == 0.0f || width == 0.0f) {
            destination.counts[bin] += count;
            continue;
        }
        const float end = destination.min + width * static_cast<float>(bin + 1);
        const float share = std::rint((end - begin) / sourceWidth * static_cast<float>(count));
        const auto here = std::min(count, static_cast<std::uint64_t>(std::max(share, 0.0f)));
        destination.counts[bin] += here;
        destination.counts[std::min(bin + 1, destination.counts.size() - 1)] += count - here;
    }
}

DynamicHistogram::DynamicHistogram(int bins)
    : m_bins(static_cast<std::size_t>(bins))
{
    assert(bins > 0);
}

void DynamicHistogram::growTo(float min, float max)
{
    double lo = m_internal.min;
    double hi = m_internal.max;
    if (min < m_internal.min) {
        const double spread = hi - lo;
        lo = spread == 0.0 ? static_cast<double>(min) : lo - std::ceil((lo - min) / spread) * spread;
    }
    if (max > m_internal.max) {
        const double spread = hi - lo;
        hi = spread == 0.0 ? static_cast<double>(max) : hi + std::ceil((max - hi) / spread) * spread;
    }
    StaticHistogram wider{withinFloat(lo), withinFloat(hi),
                          std::vector<std::uint64_t>(m_internal.counts.size())};
    if (wider.min != m_internal.min || wider.max != m_internal.max) {
        remap(m_internal, wider);
        m_internal = std::move(wider);
    }
}

void DynamicHistogram::add(std::span<const float> values)
{
    if (values.empty()) {
        return;
    }
    const auto [low, high] = std::ranges::minmax(values);
    if (m_internal.counts.empty()) {
        m_min = low;
        m_max = high;
        m_internal = {low, high, std::vector<std::uint64_t>(m_bins * kOverBinning)};
    } else {
        m_min = std::min(m_min, low);
        m_max = std::max(m_max, high);
        growTo(low, high);
    }
    for (const float v : values) {
        m_internal.add(v);
    }
}

StaticHistogram DynamicHistogram::finalize() const
{
    StaticHistogram result{m_min, m_max, std::vector<std::uint64_t>(m_bins)};
    if (!m_internal.counts.empty()) {
        remap(m_internal, result);
    }
    return result;
}

void addColumnMaxima(std::span<const float> matrix, std::vector<DynamicHistogram>& columns)
{
    assert(!columns.empty() && matrix.size() % columns.size() == 0);
    std::vector<float> largest(columns.size());
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        float& column = largest[i % columns.size()];
        column = std::max(column, std::abs(matrix[i]));
    }
    for (std::size_t j = 0; j < columns.size(); ++j) {
        columns[j].add({&largest[j], 1});
    }
}

} // namespace core
