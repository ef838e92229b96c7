#include "core/calibration/side_costs.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr int kHalfBins = GrowingHistogram::kHalf;

int distanceOf(int bin) { return bin >= kHalfBins ? bin - kHalfBins : kHalfBins - 1 - bin; }

} // namespace

Side::Side(std::span<const BinValue> values, Which which, Norm norm)
    : m_norm(norm)
{
    const auto belongs = [which](int bin) {
        return which == Which::Both || (which == Which::Above) == (bin >= kHalfBins);
    };
    int bins = 0;
    for (const BinValue& v : values) {
        bins = std::max(bins, belongs(v.bin) ? distanceOf(v.bin) + 1 : 0);
    }
    m_prefix.resize(static_cast<std::size_t>(bins) + 1);
    for (const BinValue& v : values) {
        if (belongs(v.bin)) {
            Sums& sums = m_prefix[static_cast<std::size_t>(distanceOf(v.bin)) + 1];
            sums.count += v.count;
            sums.sum += v.count * std::abs(v.value);
            sums.squares += v.count * v.value * v.value;
        }
    }
    for (std::size_t i = 1; i < m_prefix.size(); ++i) {
        m_prefix[i].count += m_prefix[i - 1].count;
        m_prefix[i].sum += m_prefix[i - 1].sum;
        m_prefix[i].squares += m_prefix[i - 1].squares;
    }
}

double Side::error(int from, int to, double level, double binWidth) const
{
    const Sums& begin = m_prefix[static_cast<std::size_t>(from)];
    const Sums& end = m_prefix[static_cast<std::size_t>(to)];
    if (m_norm == Norm::L2) {
        return (end.squares - begin.squares) - 2.0 * level * (end.sum - begin.sum)
            + level * level * (end.count - begin.count);
    }
    const Sums& middle =
        m_prefix[static_cast<std::size_t>(std::clamp(binsBelow(level / binWidth), from, to))];
    return level * (middle.count - begin.count) - (middle.sum - begin.sum) + (end.sum - middle.sum)
        - level * (end.count - middle.count);
}

/// Bins whose centre is nearer to zero than the boundary, which is given in bins.
int Side::binsBelow(double boundary) const
{
    const double limit = boundary - 0.5;
    return limit >= bins() ? bins() : static_cast<int>(std::ceil(limit));
}

void Side::costs(double step, double binWidth, std::span<double> costs) const
{
    const double stepInBins = step / binWidth;
    double inside = 0.0;
    int begin = 0;
    for (std::size_t k = 0; k < costs.size(); ++k) {
        const double level = static_cast<double>(k) * step;
        costs[k] = inside + error(begin, bins(), level, binWidth);
        const int end = binsBelow((static_cast<double>(k) + 0.5) * stepInBins);
        if (end == bins()) { // all values are rounded; more levels change nothing
            std::fill(costs.begin() + static_cast<std::ptrdiff_t>(k) + 1, costs.end(), costs[k]);
            return;
        }
        inside += error(begin, end, level, binWidth);
        begin = end;
    }
}

double Side::cost(double step, double binWidth, int levels) const
{
    const double stepInBins = step / binWidth;
    double inside = 0.0;
    int begin = 0;
    for (int k = 0; k < levels; ++k) {
        const int end = binsBelow((k + 0.5) * stepInBins);
        inside += error(begin, end, k * step, binWidth);
        begin = end;
        if (end == bins()) {
            return inside;
        }
    }
    return inside + error(begin, bins(), levels * step, binWidth);
}

double Side::clipCost(int limit, double binWidth) const
{
    return limit >= bins() ? 0.0 : error(limit, bins(), limit * binWidth, binWidth);
}

double Side::countWithin(int limit) const
{
    return m_prefix[static_cast<std::size_t>(std::min(limit, bins()))].count;
}

} // namespace core
