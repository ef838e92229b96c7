#pragma once

#include "core/calibration/dnnlowp_search.h"
#include "core/calibration/method.h"

namespace core {

inline constexpr int kDnnlowpFewestBins = 256;
inline constexpr int kDnnlowpMostBins = 2048; ///< upstream's number for 8 bits; more only costs time
/// With more bits there would be more cells than bins, and nothing to gain from clipping: all is kept.
inline constexpr int kDnnlowpMostBits = 10;

/// The histogram that DNNLOWP searches: 2^(bits + 3) bins, within the limits above, over the range of the
/// data and padded to contain 0, re-binned from ours.
[[nodiscard]] FixedHistogram dnnlowpHistogram(const TensorStatistics& statistics, int bits);

/// The brute-force search of a norm on it; the whole range where upstream does not search.
[[nodiscard]] Range chooseDnnlowpNorm(const TensorStatistics& statistics, const CalibrationTarget& target,
                                      Norm norm);

} // namespace core
