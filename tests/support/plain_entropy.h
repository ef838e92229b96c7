#pragma once

#include "core/calibration/method.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

namespace support {

/// KL(P‖Q) of the entropy method by its definition, one step after the other: counts that reach `below` bins
/// down, cut at `threshold` bins on each side. None where there are fewer bins than levels.
inline double plainDivergence(const std::vector<double>& counts, int below, int threshold, int levels)
{
    const int above = static_cast<int>(counts.size()) - below;
    const int begin = below - std::min(threshold, below);
    const int end = below + std::min(threshold, above);
    const std::vector<double> inner(counts.begin() + begin, counts.begin() + end);
    std::vector<double> p = inner;
    p.front() += std::accumulate(counts.begin(), counts.begin() + begin, 0.0);
    p.back() += std::accumulate(counts.begin() + end, counts.end(), 0.0);
    std::vector<double> mass(static_cast<std::size_t>(levels));
    std::vector<double> occupied(mass.size());
    std::vector<std::size_t> levelOf;
    for (std::size_t i = 0; i < p.size(); ++i) {
        // Level l has the bins from floor(l·n / levels) on.
        std::size_t level = i * mass.size() / p.size();
        while ((level + 1) * p.size() / mass.size() <= i) {
            ++level;
        }
        levelOf.push_back(level);
        mass[level] += inner[i];
        occupied[level] += p[i] > 0.0 ? 1.0 : 0.0;
    }
    const double sumP = std::accumulate(p.begin(), p.end(), 0.0);
    const double sumQ = std::accumulate(inner.begin(), inner.end(), 0.0);
    double divergence = sumQ > 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < p.size() && sumQ > 0.0; ++i) {
        if (p[i] > 0.0) {
            const double q = std::max(mass[levelOf[i]], 1e-4) / occupied[levelOf[i]] / sumQ;
            divergence += p[i] / sumP * std::log(p[i] / sumP / q);
        }
    }
    return divergence;
}

/// Expects that the method finds, for an asymmetric target, the threshold of the smallest divergence. Sums in
/// another order differ in their last digits, so thresholds whose divergences agree within 1e-10 count as
/// equal; returns whether this was needed.
inline bool expectPlainEntropy(const core::TensorStatistics& s, int bits)
{
    constexpr int kHalf = core::GrowingHistogram::kHalf;
    constexpr double kNear = 1e-10;
    const auto bins = s.histogram.counts();
    int below = kHalf;
    int above = kHalf;
    while (below > 0 && bins[static_cast<std::size_t>(kHalf - below)] == 0) {
        --below;
    }
    while (above > 0 && bins[static_cast<std::size_t>(kHalf + above - 1)] == 0) {
        --above;
    }
    const std::vector<double> counts(bins.begin() + kHalf - below, bins.begin() + kHalf + above);
    const int levels = (1 << bits) - 1;
    const int widest = std::max(below, above);
    int best = widest;
    double smallest = std::numeric_limits<double>::infinity();
    const auto binsOf = [&](int threshold) {
        return std::min(threshold, below) + std::min(threshold, above);
    };
    std::vector<double> divergences(static_cast<std::size_t>(widest) + 1,
                                    std::numeric_limits<double>::infinity());
    for (int threshold = widest; threshold > 0 && binsOf(threshold) >= levels; --threshold) {
        const double divergence = plainDivergence(counts, below, threshold, levels);
        divergences[static_cast<std::size_t>(threshold)] = divergence;
        if (divergence < smallest - 1e-13) {
            smallest = divergence;
            best = threshold;
        }
    }
    const double width = s.histogram.binWidth();
    const auto rangeAt = [&](int threshold) {
        return core::Range{std::max(std::min(static_cast<double>(s.total.min), 0.0), -threshold * width),
                           std::min(std::max(static_cast<double>(s.total.max), 0.0), threshold * width)};
    };
    const core::Range found =
        core::calibrate(s, core::parseCalibrationMethod("entropy"), {core::Scheme::Asymmetric, bits});
    if (found == rangeAt(best)) {
        return false;
    }
    bool isNear = false;
    for (int threshold = widest; threshold > 0; --threshold) {
        isNear = isNear
            || (divergences[static_cast<std::size_t>(threshold)] <= smallest + kNear
                && found == rangeAt(threshold));
    }
    EXPECT_TRUE(isNear) << "found " << found.min << "…" << found.max << ", smallest divergence at "
                        << rangeAt(best).min << "…" << rangeAt(best).max;
    return true;
}

} // namespace support
