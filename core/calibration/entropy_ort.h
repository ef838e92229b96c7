#pragma once

#include "core/calibration/entropy_search.h"

namespace core {

/// True when ONNX Runtime's entropy calibrator has no choice but the full range: with its defaults of 128
/// bins and 128 levels it returns what min-max returns, without a word.
[[nodiscard]] bool isDegenerateOrtEntropy(int bins, int levels);

/// ONNX Runtime's search on a symmetric histogram of that many bins; the range is cut to the true extremes.
[[nodiscard]] EntropyChoice searchOrtEntropy(const TensorStatistics& statistics, int bins, int levels);

} // namespace core
