#include "core/calibration/dnnlowp_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace core {

namespace {

double divergence(const FixedHistogram& histogram, BinWindow window, int levels, double left, double right,
                  double total)
{
    const double span = static_cast<double>(window.bins) / levels;
    const int first = window.start;
    const int last = window.start + window.bins - 1;
    const auto massOf = [&](int bin) {
        return histogram.counts[static_cast<std::size_t>(bin)] + (bin == first ? left : 0.0)
            + (bin == last ? right : 0.0);
    };
    double result = 0.0;
    for (int level = 0; level < levels; ++level) {
        const double from = window.start + level * span;
        const double to = window.start + (level + 1) * span;
        const int begin = static_cast<int>(from);
        const int end = std::min(static_cast<int>(std::ceil(to)), last + 1);
        const auto share = [&](int bin) {
            return std::min<double>(bin + 1, to) - std::max<double>(bin, from);
        };
        double sum = 0.0;
        double length = 0.0;
        for (int bin = begin; bin < end; ++bin) {
            sum += histogram.counts[static_cast<std::size_t>(bin)] * share(bin);
            length += massOf(bin) > 0.0 ? share(bin) : 0.0;
        }
        for (int bin = begin; bin < end; ++bin) {
            if (massOf(bin) > 0.0) {
                const double p = std::floor(massOf(bin) * share(bin)) / total;
                const double q = sum * share(bin) / length / total;
                result += p > 0.0 ? p * std::log(p / q) : 0.0;
            }
        }
    }
    return result;
}

} // namespace

double dnnlowpDivergence(const FixedHistogram& histogram, BinWindow window, int precision)
{
    const auto begin = histogram.counts.begin();
    const double left = std::accumulate(begin, begin + window.start, 0.0);
    const double inside = std::accumulate(begin + window.start, begin + window.start + window.bins, 0.0);
    const double total = histogram.total();
    return divergence(histogram, window, 1 << precision, left, total - left - inside, total);
}

WindowChoice searchDnnlowpKl(const FixedHistogram& histogram, int precision)
{
    const int n = histogram.bins();
    std::vector<double> below(static_cast<std::size_t>(n) + 1);
    std::partial_sum(histogram.counts.begin(), histogram.counts.end(), below.begin() + 1);
    const int levels = 1 << precision;
    WindowChoice best{{0, n}, std::numeric_limits<double>::infinity()};
    const auto isFirst = [&](int start, int bins) {
        return std::tie(start, bins) < std::tie(best.window.start, best.window.bins);
    };
    // p·ln(p/q) is at least p − q: what a window clips is divergence already, less the broken counts that
    // upstream drops. Wide windows go first, because they clip little.
    const double dropped = (2.0 * levels + n) / below.back();
    for (int bins = n; bins >= 1; --bins) {
        for (int start = 0; start + bins <= n; ++start) {
            const double left = below[static_cast<std::size_t>(start)];
            const double right = below.back() - below[static_cast<std::size_t>(start + bins)];
            if ((left + right) / below.back() - dropped > best.error + 1e-12) {
                continue;
            }
            const double d = divergence(histogram, {start, bins}, levels, left, right, below.back());
            if (d < best.error || (d == best.error && std::isfinite(d) && isFirst(start, bins))) {
                best = {{start, bins}, d};
            }
        }
    }
    return best;
}

Range dnnlowpKlRange(const FixedHistogram& histogram, BinWindow window)
{
    return {histogram.lowest + histogram.width * (window.start + 0.5),
            histogram.lowest + histogram.width * (window.start + window.bins + 0.5)};
}

} // namespace core
