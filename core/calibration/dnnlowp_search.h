#pragma once

#include "core/calibration/window_error.h"

namespace core {

// The searches of Caffe2's quantization server on a histogram with equal bins, with their known faults; the
// methods that use them carry its name. Those without a word on padding expect paddedToZero().

/// What a search ended with, in bins of the histogram that it was given.
struct WindowChoice
{
    BinWindow window;
    double error = 0.0; ///< of the window; of the Kullback-Leibler search the divergence
    bool operator==(const WindowChoice&) const = default;
};

[[nodiscard]] Range rangeOf(const FixedHistogram& histogram, BinWindow window);

/// True where DNNLOWP does not search but takes min-max: no width, or a step below its smallest scale.
[[nodiscard]] bool dnnlowpKeepsAll(const FixedHistogram& histogram, int precision);

/// L1 / L2: every window (asymmetric), or those centred on zero (symmetric). Ties: earliest start, then
/// fewest bins. Fault kept: a symmetric window has at most as many bins as the histogram, so for data off the
/// centre it cannot contain the longer side, and may exclude every value.
[[nodiscard]] WindowChoice searchDnnlowpNorm(const FixedHistogram& histogram, int precision, Scheme scheme,
                                             Norm norm);

/// L2-approx: cuts 1e-5 of the values at a time from the side where that frees more bins, until the error
/// grows. Fault kept: the full range is never evaluated, so the first cut is always taken.
[[nodiscard]] WindowChoice searchDnnlowpApprox(const FixedHistogram& histogram, int precision);

/// The loop of L2-approx alone, which PyTorch's HistogramObserver took over with 256 cells whatever the bits:
/// no early exit, no padding.
[[nodiscard]] WindowChoice searchQuantileShrink(const FixedHistogram& histogram, int cells);

/// KL over every window (asymmetric), or those centred on the bin of 0 (symmetric; from 0 up where the
/// histogram begins there), on the histogram as it is (min ≤ 0 ≤ max). Faults kept: masses are truncated to
/// whole counts, windows narrower than the levels take part, a centred window has at most as many bins as the
/// histogram, the chosen range is shifted by half a bin (see dnnlowpKlRange).
[[nodiscard]] WindowChoice searchDnnlowpKl(const FixedHistogram& histogram, int precision,
                                           Scheme scheme = Scheme::Asymmetric);
/// The divergence of one window, which may reach beyond the histogram: Σ p·ln(p/q) with p in whole counts
/// over the total, so that it may be negative.
[[nodiscard]] double dnnlowpDivergence(const FixedHistogram& histogram, BinWindow window, int precision);
[[nodiscard]] Range dnnlowpKlRange(const FixedHistogram& histogram, BinWindow window);

/// P99: drops bins from each side while less than (1 − threshold) / 2 lies beyond.
/// Precondition: the histogram contains 0 (else DNNLOWP throws); 0.5 < threshold < 1.
[[nodiscard]] BinWindow searchDnnlowpP99(const FixedHistogram& histogram, double threshold);

} // namespace core
