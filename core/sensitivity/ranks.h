#pragma once

#include <span>
#include <vector>

namespace core {

/// Rank of each value, 1 = largest; equal values share the mean of their ranks.
[[nodiscard]] std::vector<double> ranksOf(std::span<const double> values);

/// Pearson's correlation of the ranks, −1…1; 0 where either side is constant. Sizes equal.
[[nodiscard]] double spearman(std::span<const double> a, std::span<const double> b);

} // namespace core
