#pragma once

#include "core/calibration/fixed_histogram.h"

namespace core {

/// The ancestors' Kullback-Leibler searches on a histogram symmetric about zero. They differ in how the
/// levels' masses are given back to the bins.
enum class EntropyForm
{
    Mxnet, ///< MXNet 1.6 and later: bins that the clipped distribution P occupies share a level's mass; the
           ///< first bin of a window never counts towards it
    MxnetPr9552, ///< MXNet 1.2: bins that are occupied themselves share it; the last bin gets none
    Ort, ///< ONNX Runtime: as Mxnet for occupied bins, but masses are truncated to whole counts, given to
         ///< empty bins too, and the remainder of an uneven division gets none
};

/// What a search ended with, and how it got there.
struct EntropyChoice
{
    Range range; ///< edges of the window
    double divergence = 0.0; ///< in nats; infinite when no candidate had one
    int candidates = 0; ///< one means that nothing was searched
    int infinite = 0; ///< candidates without a divergence
};

/// Tries every window that grows by one bin on each side of the middle bin, from `levels` bins to all of
/// them; the first smallest divergence wins. Fewer bins than levels: the whole histogram, no candidate.
[[nodiscard]] EntropyChoice searchEntropy(const FixedHistogram& histogram, int levels, EntropyForm form);

/// KL(P‖Q) in nats of one window [start, stop), bin by bin as the ancestors compute it; infinite where
/// smoothing fails.
[[nodiscard]] double windowDivergence(const FixedHistogram& histogram, int start, int stop, int levels,
                                      EntropyForm form);

/// Replaces zeros by eps and takes it from the others, eps·zeros/others each. False, with nothing changed,
/// where all are zero or the others would lose 1 or more.
[[nodiscard]] bool smoothDistribution(std::vector<double>& values, double eps = 1e-4);

/// Σ p·ln(p/q) of two distributions, both normalized first; every entry > 0 (p may be 0).
[[nodiscard]] double divergenceOf(const std::vector<double>& p, const std::vector<double>& q);

} // namespace core
