#include "core/statistics/growing_histogram.h"

#include "kernels/statistics/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>

namespace core {

namespace {

/// Scaling by 2^-exponent stays within normal floats down to here; anything smaller shares the bins next to
/// zero.
constexpr int kLowestExponent = -100;

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
    kernels::addToHistogram(values, m_exponent, m_counts);
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
    if (other.m_exponent == m_exponent) {
        std::ranges::transform(m_counts, other.m_counts, m_counts.begin(), std::plus{});
        return;
    }
    // An arithmetic shift is a division that rounds down: bins nest on both sides of zero.
    const int shift = std::min(m_exponent - other.m_exponent, 30);
    for (int bin = 0; bin < kBins; ++bin) {
        const auto target = static_cast<std::size_t>(((bin - kHalf) >> shift) + kHalf);
        m_counts[target] += other.m_counts[static_cast<std::size_t>(bin)];
    }
}

void GrowingHistogram::widenTo(int exponent)
{
    const int shift = std::min(exponent - m_exponent, 30);
    std::vector<std::uint64_t> counts(kBins);
    for (int bin = 0; bin < kBins; ++bin) {
        counts[static_cast<std::size_t>(((bin - kHalf) >> shift) + kHalf)] +=
            m_counts[static_cast<std::size_t>(bin)];
    }
    m_counts = std::move(counts);
    m_exponent = exponent;
}

} // namespace core
