#include "core/calibration/entropy_search.h"

#include "core/calibration/divergence_estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace core {

namespace {

double sumOf(const std::vector<double>& values, std::size_t begin, std::size_t end)
{
    return std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(begin),
                           values.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
}

/// Q of one window: `inner` without the tails, `clipped` with them (P).
std::vector<double> quantizedMasses(const std::vector<double>& inner, const std::vector<double>& clipped,
                                    std::size_t levels, EntropyForm form)
{
    const std::size_t size = inner.size();
    const std::size_t merged = size / levels;
    const std::vector<double>& occupied = form == EntropyForm::MxnetPr9552 ? inner : clipped;
    std::vector<double> q(size);
    for (std::size_t level = 0; level < levels; ++level) {
        const bool isLast = level + 1 == levels;
        const std::size_t begin = level * merged;
        const std::size_t end =
            isLast ? size : begin + merged; // the mass of the last level has the remainder
        const double mass = sumOf(inner, begin, end);
        std::size_t share = end;
        if (isLast && form == EntropyForm::MxnetPr9552) {
            share = size - 1;
        } else if (form == EntropyForm::Ort) {
            share = begin + merged;
        }
        // MXNet's later form counts occupied bins of the data, and gives to occupied bins of P.
        const std::vector<double>& counted = form == EntropyForm::Mxnet ? inner : occupied;
        double count = 0.0;
        for (std::size_t i = begin; i < share; ++i) {
            count += counted[i] != 0.0 ? 1.0 : 0.0;
        }
        if (count == 0.0) {
            continue;
        }
        for (std::size_t i = begin; i < share; ++i) {
            if (form == EntropyForm::Ort) {
                q[i] = std::trunc(mass / count);
            } else if (occupied[i] != 0.0) {
                q[i] = mass / count;
            }
        }
    }
    return q;
}

} // namespace

bool smoothDistribution(std::vector<double>& values, double eps)
{
    const auto zeros = static_cast<double>(std::ranges::count(values, 0.0));
    const double others = static_cast<double>(values.size()) - zeros;
    const double taken = others > 0.0 ? eps * zeros / others : 1.0;
    if (taken >= 1.0) {
        return false;
    }
    for (double& v : values) {
        v = v == 0.0 ? eps : v - taken;
    }
    return true;
}

double divergenceOf(const std::vector<double>& p, const std::vector<double>& q)
{
    const double sumP = sumOf(p, 0, p.size());
    const double sumQ = sumOf(q, 0, q.size());
    double divergence = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (p[i] > 0.0) {
            divergence += p[i] / sumP * std::log(p[i] / sumP * sumQ / q[i]);
        }
    }
    return divergence;
}

double windowDivergence(const FixedHistogram& histogram, int start, int stop, int levels, EntropyForm form)
{
    std::vector<double> below(histogram.counts.size() + 1);
    std::partial_sum(histogram.counts.begin(), histogram.counts.end(), below.begin() + 1);
    std::vector<double> inner(histogram.counts.begin() + start, histogram.counts.begin() + stop);
    std::vector<double> p = inner;
    p.front() += below[static_cast<std::size_t>(start)];
    p.back() += below.back() - below[static_cast<std::size_t>(stop)];
    if (form == EntropyForm::Mxnet) {
        inner.front() = 0.0; // upstream routes this bin into the left tail only
    }
    std::vector<double> q = quantizedMasses(inner, p, static_cast<std::size_t>(levels), form);
    return smoothDistribution(p) && smoothDistribution(q) ? divergenceOf(p, q)
                                                          : std::numeric_limits<double>::infinity();
}

EntropyChoice searchEntropy(const FixedHistogram& histogram, int levels, EntropyForm form)
{
    const int n = histogram.bins();
    const int middle = n / 2;
    EntropyChoice best{
        {histogram.lowest, histogram.highest()}, std::numeric_limits<double>::infinity(), 0, 0};
    struct Window
    {
        int start = 0;
        int stop = 0;
        std::optional<double> roughly;
    };
    DivergenceEstimate estimate(histogram, static_cast<std::size_t>(levels), form);
    std::vector<Window> windows;
    double least = std::numeric_limits<double>::infinity();
    for (int i = levels / 2; i <= middle; ++i) {
        const int start = middle - i;
        const int stop = std::min(n, middle + i + 1);
        if (stop - start >= levels) {
            windows.push_back(
                {start, stop, estimate.of(static_cast<std::size_t>(start), static_cast<std::size_t>(stop))});
            least = std::min(least, windows.back().roughly.value_or(least));
        }
    }
    for (const Window& w : windows) {
        const bool canWin = !w.roughly
            || (std::isfinite(*w.roughly) && *w.roughly <= least + 2.0 * DivergenceEstimate::kError);
        const double divergence =
            canWin ? windowDivergence(histogram, w.start, w.stop, levels, form) : *w.roughly;
        best.infinite += std::isinf(divergence) ? 1 : 0;
        if (++best.candidates == 1 || (canWin && divergence < best.divergence)) {
            best.divergence = canWin ? divergence : std::numeric_limits<double>::infinity();
            best.range = {histogram.edge(w.start), histogram.edge(w.stop)};
        }
    }
    return best;
}

} // namespace core
