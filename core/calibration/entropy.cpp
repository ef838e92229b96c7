// Entropy: the threshold whose quantized distribution has the smallest Kullback-Leibler divergence from the
// data's. The idea is TensorRT's and MXNet's; this search differs where theirs are known to go wrong: exact
// zeros are left out (they quantize without error and would drown everything else), levels share the bins
// evenly instead of leaving the remainder to the last, two-sided data keep both tails, and a tie keeps the
// wider range.
//
// P is the clipped distribution, its tails folded into the end bins; Q gives each level's mass, without
// tails, evenly to the bins of the level that P occupies. With P·ln P, counts and occupied bins as prefix
// sums a candidate costs one logarithm per level.
#include "core/calibration/definitions.h"

#include "core/calibration/x_log_x.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace core {

namespace {

constexpr int kHalf = GrowingHistogram::kHalf;

class DivergenceSearch
{
public:
    explicit DivergenceSearch(const std::vector<double>& counts)
        : m_counts(counts)
        , m_prefix(counts.size() + 1)
    {
        for (std::size_t i = 0; i < counts.size(); ++i) {
            const Sums& before = m_prefix[i];
            m_prefix[i + 1] = {before.mass + counts[i], before.occupied + (counts[i] > 0.0 ? 1.0 : 0.0),
                               before.xLogX + xLogX(counts[i])};
        }
    }

    /// KL(P‖Q) in nats for the window [begin, end) cut into `levels` groups; infinite where there is nothing
    /// inside.
    [[nodiscard]] double divergence(std::size_t begin, std::size_t end, std::size_t levels) const
    {
        const double total = m_prefix.back().mass;
        const double left = m_prefix[begin].mass;
        const double right = total - m_prefix[end].mass;
        const double inside = total - left - right;
        if (inside <= 0.0) {
            return std::numeric_limits<double>::infinity();
        }
        const double first = m_counts[begin];
        const double last = m_counts[end - 1];
        double pLogP = m_prefix[end].xLogX - m_prefix[begin].xLogX;
        pLogP += xLogX(first + left) - xLogX(first) + xLogX(last + right) - xLogX(last);

        double pLogQ = 0.0;
        const std::size_t bins = end - begin;
        std::size_t from = begin;
        std::size_t remainder = 0;
        for (std::size_t level = 0; level < levels; ++level) {
            std::size_t to = from + bins / levels;
            remainder += bins % levels;
            if (remainder >= levels) {
                remainder -= levels;
                ++to;
            }
            const double mass = m_prefix[to].mass - m_prefix[from].mass;
            double occupied = m_prefix[to].occupied - m_prefix[from].occupied;
            double p = mass;
            if (level == 0 && left > 0.0) {
                p += left;
                occupied += first > 0.0 ? 0.0 : 1.0;
            }
            if (level + 1 == levels && right > 0.0) {
                p += right;
                occupied += last > 0.0 ? 0.0 : 1.0;
            }
            if (p > 0.0) {
                pLogQ += p * std::log(std::max(mass, kNothing) / occupied);
            }
            from = to;
        }
        return (pLogP - pLogQ) / total - std::log(total) + std::log(inside);
    }

private:
    struct Sums
    {
        double mass = 0.0;
        double occupied = 0.0;
        double xLogX = 0.0;
    };
    /// What Q has where only a folded tail lies, as MXNet smooths it: a ten-thousandth of one value.
    static constexpr double kNothing = 1e-4;

    const std::vector<double>& m_counts;
    std::vector<Sums> m_prefix;
};

/// Bins by distance from zero that the best threshold keeps. `counts` reaches `below` bins down and the rest
/// up.
int bestThreshold(const std::vector<double>& counts, int below, int levels)
{
    const DivergenceSearch search(counts);
    const int above = static_cast<int>(counts.size()) - below;
    int best = std::max(below, above);
    double smallest = std::numeric_limits<double>::infinity();
    for (int threshold = best; threshold > 0; --threshold) {
        const int begin = below - std::min(threshold, below);
        const int end = below + std::min(threshold, above);
        if (end - begin < levels) {
            break;
        }
        const double divergence = search.divergence(
            static_cast<std::size_t>(begin), static_cast<std::size_t>(end), static_cast<std::size_t>(levels));
        // A rounding error less is no reason to clip.
        if (divergence < smallest - 1e-13) {
            smallest = divergence;
            best = threshold;
        }
    }
    return best;
}

Range choose(const TensorStatistics& statistics, const CalibrationTarget& target, double)
{
    const Range whole = dataRange(statistics);
    if (statistics.histogram.isEmpty()) {
        return whole;
    }
    const auto bins = statistics.histogram.counts();
    int below = kHalf;
    int above = kHalf;
    while (below > 0 && bins[static_cast<std::size_t>(kHalf - below)] == 0) {
        --below;
    }
    while (above > 0 && bins[static_cast<std::size_t>(kHalf + above - 1)] == 0) {
        --above;
    }
    const bool symmetric = target.scheme == Scheme::Symmetric;
    std::vector<double> counts;
    if (symmetric) {
        counts.resize(static_cast<std::size_t>(std::max(below, above)));
        for (std::size_t d = 0; d < counts.size(); ++d) {
            counts[d] = static_cast<double>(bins[kHalf + d] + bins[kHalf - 1 - d]);
        }
    } else {
        for (int bin = kHalf - below; bin < kHalf + above; ++bin) {
            counts.push_back(static_cast<double>(bins[static_cast<std::size_t>(bin)]));
        }
    }
    const int levels = symmetric ? (1 << (target.bits - 1)) - 1 : (1 << target.bits) - 1;
    const double threshold =
        bestThreshold(counts, symmetric ? 0 : below, levels) * statistics.histogram.binWidth();
    return {std::max(whole.min, -threshold), std::min(whole.max, threshold)};
}

} // namespace

CalibrationMethodDefinition entropyDefinition()
{
    return {.name = "entropy",
            .alias = "kl",
            .title = "Entropy (KL)",
            .help = "smallest Kullback-Leibler divergence between the data and its quantized form, exact "
                    "zeros left out",
            .choose = choose};
}

} // namespace core
