#pragma once

#include "core/metrics/interval.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// A figure of samples of which sample i counts weights[i] times; none where they say nothing.
using WeightedFigure = std::function<std::optional<double>(std::span<const double> weights)>;

/// 95 % interval of a figure by resampling its n samples with replacement, seeded: bias-corrected and
/// accelerated (Efron 1987), its tails widened for small n as t widens the normal's (Hesterberg 2015,
/// "expanded percentile"). Of a difference of two figures the same resample serves both: paired. None of
/// fewer than two samples or where most resamples say nothing. `resamples` 0: 2,000, fewer of more than 2,000
/// samples.
[[nodiscard]] std::optional<ConfidenceInterval> bootstrapInterval(std::size_t n, const WeightedFigure& figure,
                                                                  std::size_t resamples = 0,
                                                                  std::uint64_t seed = 1);

} // namespace core
