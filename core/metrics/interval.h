#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace core {

/// Where the truth lies with 95 % confidence.
struct ConfidenceInterval
{
    double lower = 0.0;
    double upper = 0.0;
    std::string method; ///< "wilson", "tango", "bca bootstrap", …
    std::size_t n = 0; ///< samples it rests on

    [[nodiscard]] bool spansZero() const { return lower <= 0.0 && upper >= 0.0; }
};

/// A proportion in percent (Wilson 1927, score interval). `n` ≥ 1.
[[nodiscard]] ConfidenceInterval proportionInterval(std::uint64_t hits, std::uint64_t n);

/// Difference in percentage points of two proportions of the same n samples: only the first hit `onlyFirst`
/// of them, only the second `onlySecond`; first minus second (Tango 1998, score interval).
[[nodiscard]] ConfidenceInterval pairedInterval(std::uint64_t onlyFirst, std::uint64_t onlySecond,
                                                std::uint64_t n);

/// Mean of independent values, by Student's t; none of fewer than two.
[[nodiscard]] std::optional<ConfidenceInterval> meanInterval(std::span<const double> values);

/// 10·log10(Σ signal / Σ error) over samples, in dB: the ratio's standard error by the delta method,
/// Student's t. None of fewer than two samples, without error, and with numbers that are none.
[[nodiscard]] std::optional<ConfidenceInterval> decibelInterval(std::span<const double> signal,
                                                                std::span<const double> error);

/// Samples with which an interval that is now `interval` wide would no longer reach as far as from `estimate`
/// to 0: its width shrinks with the root of their number. None where the estimate is 0.
[[nodiscard]] std::optional<std::size_t> neededSamples(double estimate, const ConfidenceInterval& interval);

/// Quantile of Student's t; of the normal distribution.
[[nodiscard]] double studentQuantile(double probability, double degrees);
[[nodiscard]] double normalQuantile(double probability);
[[nodiscard]] double normalProbability(double x);

} // namespace core
