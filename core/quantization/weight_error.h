#pragma once

#include <optional>

namespace core {

/// Weights as their codes say, against the float weights.
struct WeightError
{
    std::optional<double> relativeL2;
    std::optional<double> medianChannelRelativeL2;
    int worstChannel = -1;
    int channelsLimitedByBias = 0; ///< whose scale the bias decides, not the weights
};

} // namespace core
