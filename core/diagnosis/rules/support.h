#pragma once

#include "core/diagnosis/diagnosis_input.h"
#include "core/diagnosis/finding.h"
#include "core/params/quantization_params.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace core::rules {

/// Least share of the output error that an operator must have before rules look at it.
inline constexpr double kLeastShare = 0.01;
/// Least severity of a finding that claims an error.
inline constexpr double kLeastSeverity = 0.005;

/// Shares of the network's output error that the parts of one operator have; 0 where it was not split.
struct PartShares
{
    double weights = 0.0;
    double clip = 0.0;
    double round = 0.0;
    double arithmetic = 0.0;
};
[[nodiscard]] PartShares partShares(const DiagnosisInput& input, std::size_t i);

/// With the operator, its output and its share of the error filled in.
[[nodiscard]] Finding findingAt(const DiagnosisInput& input, std::size_t i, DiagnosedCause cause,
                                double severity);

[[nodiscard]] inline double widthOf(const Range& range)
{
    return std::max(range.max, 0.0) - std::min(range.min, 0.0); // codes always reach zero
}
[[nodiscard]] Range observedRange(const TensorStatistics& statistics);
[[nodiscard]] double magnitudeOf(const Moments& moments);

/// 1 − (better ÷ now)², in 0…1: the part of rounding noise that a step of `better` would not have.
[[nodiscard]] double explainedByStep(double now, double better);

/// Params of what operator i writes for another range, as its settings ask.
[[nodiscard]] QuantizationParams paramsFor(const DiagnosisInput& input, std::size_t i, const Range& range);

/// Squared error of quantizing the evaluation data of operator i with these params, from its histogram.
[[nodiscard]] double expectedError(const DiagnosisInput& input, std::size_t i,
                                   const QuantizationParams& params);

} // namespace core::rules
