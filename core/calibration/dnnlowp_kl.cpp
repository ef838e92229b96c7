#include "core/calibration/dnnlowp_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

WindowChoice searchDnnlowpKl(const FixedHistogram& histogram, int precision)
{
    const int n = histogram.bins();
    std::vector<double> below(static_cast<std::size_t>(n) + 1);
    std::partial_sum(histogram.counts.begin(), histogram.counts.end(), below.begin() + 1);
    WindowChoice best{{0, n}, std::numeric_limits<double>::infinity()};
    for (int start = 0; start < n; ++start) {
        for (int bins = 1; start + bins <= n; ++bins) {
            const double left = below[static_cast<std::size_t>(start)];
            const double right = below.back() - below[static_cast<std::size_t>(start + bins)];
            const double d = divergence(histogram, {start, bins}, 1 << precision, left, right, below.back());
            if (d < best.error) {
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
