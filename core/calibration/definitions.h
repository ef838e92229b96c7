#pragma once

#include "core/calibration/method.h"

namespace core {

// One function per file of a method; methods.cpp lists them.
[[nodiscard]] CalibrationMethodDefinition minMaxDefinition();
[[nodiscard]] CalibrationMethodDefinition percentileDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyDefinition();
[[nodiscard]] CalibrationMethodDefinition l2Definition();
[[nodiscard]] CalibrationMethodDefinition manualDefinition();

/// The range of the data, widened to contain 0.
[[nodiscard]] Range dataRange(const TensorStatistics& statistics);

} // namespace core
