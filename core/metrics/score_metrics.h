#pragma once

#include "core/metrics/metric.h"

namespace core {

/// Which number of a sample is its score. The truth is 1 (positive) or 0.
struct ScoreReading
{
    std::optional<std::size_t> index; ///< element of the output; none: its only one, of two the second
    bool isReconstruction = false; ///< mean squared difference of output and input instead
    double threshold = 0.5; ///< from which on a score says yes
    double rate = 0.01; ///< false alarms that recall_at_far allows, a share of the negatives
    std::int64_t positive = 1; ///< the class of labels that is positive
};

/// Area under the ROC curve (Hanley, McNeil 1982): the share of pairs of a positive and a negative sample in
/// which the positive one has the higher score, equal scores half, in percent. Without labels FP32's own
/// decisions at the threshold are the truth.
[[nodiscard]] MetricPtr makeAuc(const ScoreReading& reading);

/// Equal error rate: where misses and false alarms are equally frequent, between two points of the ROC curve
/// on the straight line, in percent. Lower is better.
[[nodiscard]] MetricPtr makeEqualErrorRate(const ScoreReading& reading);

/// F1 at the threshold: 2·TP / (2·TP + FP + FN), in percent.
[[nodiscard]] MetricPtr makeF1(const ScoreReading& reading);

/// The largest share of positives found at a threshold whose false alarms are at most ScoreReading::rate, in
/// percent.
[[nodiscard]] MetricPtr makeRecallAtFalseAlarms(const ScoreReading& reading);

} // namespace core
