#pragma once

#include "core/calibration/fixed_histogram.h"

namespace core {

/// What Paddle INT8v2's KL search does, and how little of it is a search.
struct PaddleChoice
{
    int firstCandidate = 0; ///< bin where the search starts
    int candidates = 0; ///< windows evaluated
    int invalid = 0; ///< of them with a divergence that is not a number: never accepted
    int chosen = 0; ///< bin
    double threshold = 0.0; ///< (chosen + 0.5)·width, measured from the lower edge of the histogram
};

/// Over the histogram of [min, max] for data ≥ 0, of [−A, A] otherwise. Faults kept, because they are what
/// runs: a window with an empty bin gives 0·ln 0 = NaN and is never accepted, products of counts wrap at 32
/// bits, the smallest divergence is held in an integer, averages are truncated, and distance is measured from
/// the lower edge, so that a signed threshold can reach 2·A and the smallest value of positive data is
/// forgotten.
[[nodiscard]] PaddleChoice searchPaddle(const FixedHistogram& histogram, bool isPositive, double min,
                                        double max);

} // namespace core
