#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace core {

/// DNNLOWP's static histogram: equal bins over [min, max] in float; what lies outside goes to the end bins.
struct StaticHistogram
{
    float min = 0.0f;
    float max = 0.0f;
    std::vector<std::uint64_t> counts;

    [[nodiscard]] float width() const { return (max - min) / static_cast<float>(counts.size()); }
    void add(float value, std::uint64_t count = 1);
    bool operator==(const StaticHistogram&) const = default;
};

/// Pours one histogram into the bins of another: each bin into at most two, in proportion, rounded to whole
/// counts.
void remap(const StaticHistogram& source, StaticHistogram& destination);

/// DNNLOWP's dynamic histogram: four times as many bins inside as asked for, over a range that grows by whole
/// multiples of itself; every growth, and the end, remaps and may move counts by a bin. Depends on the order
/// of its batches. Our own GrowingHistogram has neither fault.
class DynamicHistogram
{
public:
    explicit DynamicHistogram(int bins);

    /// One batch of finite values.
    void add(std::span<const float> values);
    /// The histogram over the true range, remapped on demand (upstream caches the first one and then ignores
    /// later adds).
    [[nodiscard]] StaticHistogram finalize() const;
    [[nodiscard]] const StaticHistogram& internal() const { return m_internal; }

private:
    void growTo(float min, float max);

    std::size_t m_bins;
    float m_min = 0.0f;
    float m_max = 0.0f;
    StaticHistogram m_internal; ///< no bins before the first batch
};

/// DNNLOWP's column observer: per run, the largest |x| of each column of a row-major matrix is one value of
/// that column's histogram. `columns` has one histogram per column.
void addColumnMaxima(std::span<const float> matrix, std::vector<DynamicHistogram>& columns);

} // namespace core
