#include "core/calibration/dnnlowp_search.h"

#include "core/calibration/dnnlowp_params.h"

#include <cmath>
#include <limits>
#include <tuple>

namespace core {

namespace {

bool isBetter(const WindowChoice& a, const WindowChoice& b)
{
    return std::tie(a.error, a.window.start, a.window.bins)
        < std::tie(b.error, b.window.start, b.window.bins);
}

} // namespace

Range rangeOf(const FixedHistogram& histogram, BinWindow window)
{
    return {histogram.edge(window.start), histogram.edge(window.start + window.bins)};
}

bool dnnlowpKeepsAll(const FixedHistogram& histogram, int precision)
{
    const double span = histogram.highest() - histogram.lowest;
    return histogram.width == 0.0
        || span / ((1 << precision) - 1) < static_cast<double>(kDnnlowpSmallestScale);
}

WindowChoice searchDnnlowpNorm(const FixedHistogram& histogram, int precision, Scheme scheme, Norm norm)
{
    const int n = histogram.bins();
    const int cells = 1 << precision;
    if (dnnlowpKeepsAll(histogram, precision)) {
        return {{0, n}, 0.0};
    }
    const WindowErrors errors(histogram, cells, norm);
    WindowChoice best{{0, 0}, std::numeric_limits<double>::infinity()};
    const auto consider = [&](BinWindow window) {
        // Almost every window already clips more than the best one costs in all.
        const double quick = errors.error(window, best.error * (1 + 1e-9));
        if (quick <= best.error * (1 + 1e-9)) {
            const WindowChoice choice{window, windowError(histogram, window, cells, norm)};
            if (isBetter(choice, best)) {
                best = choice;
            }
        }
    };
    if (scheme == Scheme::Symmetric) {
        // lround: half away from zero, as upstream rounds here.
        const auto zeroBin = static_cast<int>(std::lround(-histogram.lowest / histogram.width));
        for (int bins = 1; bins <= n; ++bins) {
            consider({histogram.lowest == 0.0 ? 0 : zeroBin - bins / 2, bins});
        }
        return best;
    }
    for (int bins = n; bins >= 1; --bins) { // wide first: a low bound early
        for (int start = 0; start + bins <= n; ++start) {
            consider({start, bins});
        }
    }
    return best;
}

WindowChoice searchDnnlowpApprox(const FixedHistogram& histogram, int precision)
{
    if (dnnlowpKeepsAll(histogram, precision)) {
        return {{0, histogram.bins()}, 0.0};
    }
    return searchQuantileShrink(histogram, 1 << precision);
}

WindowChoice searchQuantileShrink(const FixedHistogram& histogram, int cells)
{
    const int n = histogram.bins();
    WindowChoice best{{0, n}, std::numeric_limits<double>::infinity()};
    std::vector<double> cumulative;
    double total = 0.0;
    for (const double count : histogram.counts) {
        cumulative.push_back(total += count);
    }
    constexpr double kStep = 1e-5;
    double alpha = 0.0;
    double beta = 1.0;
    int lo = 0;
    int hi = n - 1;
    while (alpha < beta) {
        const double nextAlpha = alpha + kStep;
        const double nextBeta = beta - kStep;
        int i = lo;
        while (i < hi && cumulative[static_cast<std::size_t>(i)] < nextAlpha * total) {
            ++i;
        }
        int j = hi;
        while (j > lo && cumulative[static_cast<std::size_t>(j)] > nextBeta * total) {
            --j;
        }
        int nextLo = lo;
        int nextHi = hi;
        if (i - lo > hi - j) {
            nextLo = i;
            alpha = nextAlpha;
        } else {
            nextHi = j;
            beta = nextBeta;
        }
        if (nextLo == lo && nextHi == hi) {
            continue;
        }
        const BinWindow window{nextLo, nextHi - nextLo + 1};
        const double error = windowError(histogram, window, cells, Norm::L2);
        if (error > best.error) {
            break;
        }
        best = {window, error};
        lo = nextLo;
        hi = nextHi;
    }
    return best;
}

BinWindow searchDnnlowpP99(const FixedHistogram& histogram, double threshold)
{
    std::vector<double> share;
    const double total = histogram.total();
    double sum = 0.0;
    for (const double count : histogram.counts) {
        share.push_back((sum += count) / total);
    }
    const double left = (1.0 - threshold) / 2.0;
    const double right = 1.0 - left;
    int i = 0;
    int j = histogram.bins() - 2;
    for (bool moved = true; moved && i <= j;) {
        moved = false;
        if (share[static_cast<std::size_t>(i)] < left) {
            ++i;
            moved = true;
        }
        if (share[static_cast<std::size_t>(j)] > right) {
            --j;
            moved = true;
        }
    }
    return {i, j + 2 - i};
}

} // namespace core
