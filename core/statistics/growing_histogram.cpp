#include "core/statistics/growing_histogram.h"

#include "kernels/statistics/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace core {

namespace {

/// Scaling by 2^-exponent stays within normal floats down to here; anything smaller shares the bins next to
/// zero.
constexpr int kLowestExponent = -100;
/// All bins of one side are one by then.
constexpr int kMostShift = 30;

/// The smallest exponent whose bins reach beyond the magnitude on both sides: 4096·2^e > magnitude.
int exponentFor(float magnitude)
{
    return std::max(kLowestExponent,
                    std::ilogb(magnitude) + 1 - std::ilogb(static_cast<float>(GrowingHistogram::kHalf)));
}

} // namespace

GrowingHistogram::GrowingHistogram(int exponent, std::span<const std::uint64_t> counts)
    : m_exponent(std::max(exponent, kLowestExponent))
    , m_counts(counts.begin(), counts.end())
    , m_lowest(0)
    , m_highest(kBins - 1)
{
    assert(counts.size() == kBins);
}

double GrowingHistogram::binWidth() const { return std::ldexp(1.0, m_exponent); }

void GrowingHistogram::reserve(float magnitude)
{
    assert(std::isfinite(magnitude));
    if (magnitude == 0.0f) {
        return;
    }
    const int exponent = exponentFor(std::abs(magnitude));
    if (m_counts.empty()) {
        m_exponent = exponent;
        m_counts.assign(kBins, 0);
    } else if (exponent > m_exponent) {
        widenTo(exponent);
    }
}

void GrowingHistogram::add(std::span<const float> values)
{
    if (m_counts.empty()) {
        assert(std::ranges::all_of(values, [](float x) { return x == 0.0f; }));
        return;
    }
    const kernels::BinRange touched = kernels::addToHistogram(values, m_exponent, m_counts);
    m_lowest = std::min(m_lowest, touched.lowest);
    m_highest = std::max(m_highest, touched.highest);
}

void GrowingHistogram::merge(const GrowingHistogram& other)
{
    if (other.isEmpty()) {
        return;
    }
    if (isEmpty()) {
        *this = other;
        return;
    }
    if (other.m_exponent > m_exponent) {
        widenTo(other.m_exponent);
    }
    addNested(other, std::min(m_exponent - other.m_exponent, kMostShift));
}

void GrowingHistogram::widenTo(int exponent)
{
    GrowingHistogram wide;
    wide.m_exponent = exponent;
    wide.m_counts.assign(kBins, 0);
    wide.addNested(*this, std::min(exponent - m_exponent, kMostShift));
    *this = std::move(wide);
}

void GrowingHistogram::addNested(const GrowingHistogram& other, int shift)
{
    // An arithmetic shift is a division that rounds down: bins nest on both sides of zero.
    const auto target = [shift](int bin) { return ((bin - kHalf) >> shift) + kHalf; };
    if (shift == 0) {
        for (auto bin = static_cast<std::size_t>(other.m_lowest);
             bin <= static_cast<std::size_t>(other.m_highest); ++bin) {
            m_counts[bin] += other.m_counts[bin];
        }
    } else {
        for (int bin = other.m_lowest; bin <= other.m_highest; ++bin) {
            m_counts[static_cast<std::size_t>(target(bin))] += other.m_counts[static_cast<std::size_t>(bin)];
        }
    }
    m_lowest = std::min(m_lowest, target(other.m_lowest));
    m_highest = std::max(m_highest, target(other.m_highest));
}

} // namespace core
