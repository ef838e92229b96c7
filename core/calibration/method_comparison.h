#pragma once

#include "core/calibration/method.h"

#include <stop_token>
#include <vector>

namespace core {

/// What one method would choose for a tensor, and what that is expected to cost.
struct MethodOutcome
{
    CalibrationMethod method;
    Range range;
    QuantizationParams params;
    QuantizationCost cost;
    /// The method looks at samples in data order, but was not asked for when they went by: this is what it
    /// comes to on the merged histogram, and its own range may differ.
    bool isFromMergedHistogram = false;
};

enum class ComparedMethods
{
    All,
    Own, ///< without the variants of other tools (name:tool), some of which take seconds
    Variants, ///< only those
};

/// Every method of calibrationMethods() with its default parameter, in that order; methods that need a range
/// given are left out. Empty when the tensor has no finite value, or when stopped.
[[nodiscard]] std::vector<MethodOutcome> compareMethods(const TensorStatistics& statistics,
                                                        const CalibrationTarget& target,
                                                        const std::stop_token& stop = {},
                                                        ComparedMethods which = ComparedMethods::All);

} // namespace core
