#pragma once

#include "core/calibration/entropy_search.h"
#include "core/calibration/method.h"

#include <string>

namespace core {

inline constexpr int kOrtLevels = 128;
inline constexpr int kOrtDefaultBins = 128; ///< ONNX Runtime's own default; ours is 2048

/// True when ONNX Runtime's entropy calibrator has no choice but the full range: with its defaults of 128
/// bins and 128 levels it returns what min-max returns, without a word.
[[nodiscard]] bool isDegenerateOrtEntropy(int bins, int levels);

/// The same for a method as a plan names it: `entropy:ort:128`.
[[nodiscard]] bool isDegenerateOrtEntropy(const CalibrationMethod& method);
[[nodiscard]] std::string degenerateOrtWarning(const CalibrationMethod& method);

/// ONNX Runtime's search on a symmetric histogram; the range is cut to the true extremes.
[[nodiscard]] EntropyChoice searchOrtEntropy(const FixedHistogram& histogram,
                                             const TensorStatistics& statistics, int levels);

/// The same on that many bins over ±max|x| of all samples at once.
[[nodiscard]] EntropyChoice searchOrtEntropy(const TensorStatistics& statistics, int bins, int levels);

} // namespace core
