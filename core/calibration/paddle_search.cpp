#include "core/calibration/paddle_search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace core {

namespace {

constexpr int kLevels = 255;

using Counts = std::vector<std::int32_t>;

/// The product of two ints as the processor leaves it.
double wrappedProduct(std::int32_t a, std::int32_t b)
{
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) * static_cast<std::uint32_t>(b));
}

Counts expanded(const Counts& inner, const Counts& clipped)
{
    const int size = static_cast<int>(inner.size());
    const int merged = size / kLevels;
    Counts q(inner.size());
    for (int level = 0; level < kLevels; ++level) {
        const auto begin = static_cast<std::ptrdiff_t>(level * merged);
        const auto end = static_cast<std::ptrdiff_t>(level + 1 == kLevels ? size : (level + 1) * merged);
        const std::int32_t mass = std::accumulate(inner.begin() + begin, inner.begin() + end, 0);
        const auto occupied = static_cast<std::int32_t>(std::count_if(
            clipped.begin() + begin, clipped.begin() + end, [](std::int32_t c) { return c > 0; }));
        for (auto i = begin; i < end; ++i) {
            const auto at = static_cast<std::size_t>(i);
            q[at] = clipped[at] > 0 ? mass / occupied : 0;
        }
    }
    return q;
}

double divergence(const Counts& p, const Counts& q)
{
    const std::int32_t sumP = std::accumulate(p.begin(), p.end(), 0);
    const std::int32_t sumQ = std::accumulate(q.begin(), q.end(), 0);
    double first = 0.0;
    double second = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        first += p[i] * std::log(wrappedProduct(sumQ, p[i]));
        second += p[i] * std::log(wrappedProduct(sumP, q[i]));
    }
    return (first - second) / sumP;
}

} // namespace

PaddleChoice searchPaddle(const FixedHistogram& histogram, bool isPositive, double min, double max)
{
    Counts counts;
    for (const double count : histogram.counts) {
        counts.push_back(static_cast<std::int32_t>(std::llround(count)));
    }
    const int last = static_cast<int>(counts.size()) - 1;
    PaddleChoice choice;
    int end = last;
    if (isPositive) {
        choice.firstCandidate = static_cast<int>(0.7 * last);
    } else if (std::abs(max) > std::abs(min)) {
        const int first =
            static_cast<int>(std::find_if(counts.begin(), counts.end(), [](std::int32_t c) { return c > 0; })
                             - counts.begin());
        choice.firstCandidate = first + static_cast<int>(0.6 * (last - first));
    } else {
        while (end > 0 && counts[static_cast<std::size_t>(end)] == 0) {
            --end;
        }
        choice.firstCandidate = static_cast<int>(0.6 * end);
    }

    bool found = false;
    std::int64_t smallest = 0; // an integer, as upstream holds it
    for (int i = std::max(choice.firstCandidate, kLevels); i <= end; ++i) {
        if (counts[static_cast<std::size_t>(i) - 1] == 0) {
            continue;
        }
        const Counts inner(counts.begin(), counts.begin() + i);
        Counts p = inner;
        p.back() += std::accumulate(counts.begin() + i, counts.end(), 0);
        const double d = divergence(p, expanded(inner, p));
        ++choice.candidates;
        if (!std::isfinite(d)) {
            ++choice.invalid;
        } else if (!found || d < static_cast<double>(smallest)) {
            found = true;
            smallest = static_cast<std::int64_t>(d);
            choice.chosen = i;
        }
    }
    if (!found) {
        choice.chosen = choice.firstCandidate;
        while (choice.chosen > 0 && counts[static_cast<std::size_t>(choice.chosen)] == 0) {
            --choice.chosen;
        }
    }
    choice.threshold = (choice.chosen + 0.5) * histogram.width;
    return choice;
}

} // namespace core
