#pragma once

#include "core/metrics/metric.h"

namespace core {

/// Mean of |output − target| over all elements of all samples. Lower is better. Truth: targets, else FP32.
[[nodiscard]] MetricPtr makeMeanAbsoluteError();

/// sqrt of the mean of (output − target)². Lower is better.
[[nodiscard]] MetricPtr makeRootMeanSquareError();

/// Peak signal to noise ratio, 10·log10(peak² / mean squared error) of each sample, averaged over samples, in
/// dB. Infinite where one is equal to its target.
[[nodiscard]] MetricPtr makePsnr(double peak);

/// Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): Gaussian windows of 11×11 with σ = 1.5,
/// K1 = .01, K2 = .03, wherever a window fits, averaged over windows, channels and samples; 1 is equal.
/// Outputs are [1,C,H,W], or [1,H,W,C] with `isChannelsLast`, at least 11×11.
[[nodiscard]] MetricPtr makeSsim(double peak, bool isChannelsLast);

/// Cosine of the output and its target, averaged over samples; 0 where one of them is all zeros.
[[nodiscard]] MetricPtr makeCosine();

} // namespace core
