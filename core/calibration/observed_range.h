#pragma once

#include "core/calibration/fixed_histogram.h"
#include "core/calibration/method.h"

namespace core {

/// The range that DNNLOWP chooses from a histogram as its observers wrote it
/// (RegisterQuantizationParamsWithHistogram): minmax, l1:dnnlowp, l2:dnnlowp, l2-approx, p99 and
/// entropy:dnnlowp, on the bins as they are, padded to contain 0. Contains 0. Throws core::Error(Usage) for
/// any other method: it would need more than such a histogram holds.
[[nodiscard]] Range observedRange(const FixedHistogram& histogram, const CalibrationMethod& method,
                                  const CalibrationTarget& target);

/// The counts in `bins` whole numbers over [min, max] of a tensor, as DNNLOWP's observers hold them.
/// Fractions of counts at the edges are rounded so that none is lost.
[[nodiscard]] std::vector<std::uint64_t> observedCounts(const TensorStatistics& statistics, int bins);

} // namespace core
