#pragma once

#include "core/calibration/method_comparison.h"
#include "core/report/results.h"

#include <string>
#include <vector>

namespace io::html {

/// Isolated and accumulated SQNR of every operator over its place in the network, as an inline SVG coloured
/// by the page's style sheet. Empty when no operator has either.
[[nodiscard]] std::string profileSvg(const core::Report& report);

/// Log counts of the FP32 values of an operator's output, those of its dequantized codes over them, the range
/// in use, and a line for the thresholds of every method. Empty when there are no statistics of the tensor.
[[nodiscard]] std::string histogramSvg(const core::Results& results, const core::LayerReport& layer,
                                       const std::vector<core::MethodOutcome>& methods);

inline constexpr int kSeries = 8; ///< classes s0 … s7 of lines: methods take them in turn

} // namespace io::html
