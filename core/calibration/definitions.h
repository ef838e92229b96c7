#pragma once

#include "core/calibration/method.h"

namespace core {

// One function per file of a method; methods.cpp lists them.
[[nodiscard]] CalibrationMethodDefinition minMaxDefinition();
[[nodiscard]] CalibrationMethodDefinition percentileDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyDefinition();
[[nodiscard]] CalibrationMethodDefinition l2Definition();
[[nodiscard]] CalibrationMethodDefinition l1Definition();
[[nodiscard]] CalibrationMethodDefinition l1DnnlowpDefinition();
[[nodiscard]] CalibrationMethodDefinition l2DnnlowpDefinition();
[[nodiscard]] CalibrationMethodDefinition l2ApproxDefinition();
[[nodiscard]] CalibrationMethodDefinition l2PytorchDefinition();
[[nodiscard]] CalibrationMethodDefinition p99Definition();
[[nodiscard]] CalibrationMethodDefinition entropyMxnetDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyMxnetPr9552Definition();
[[nodiscard]] CalibrationMethodDefinition entropyDnnlowpDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyOrtDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyPaddleDefinition();
[[nodiscard]] CalibrationMethodDefinition maxChDefinition();
[[nodiscard]] CalibrationMethodDefinition movingAverageDefinition();
[[nodiscard]] CalibrationMethodDefinition dynamicDefinition();
[[nodiscard]] CalibrationMethodDefinition dynamicL2Definition();
[[nodiscard]] CalibrationMethodDefinition dynamicP99Definition();
[[nodiscard]] CalibrationMethodDefinition l1StreamDefinition();
[[nodiscard]] CalibrationMethodDefinition l2StreamDefinition();
[[nodiscard]] CalibrationMethodDefinition l2ApproxStreamDefinition();
[[nodiscard]] CalibrationMethodDefinition p99StreamDefinition();
[[nodiscard]] CalibrationMethodDefinition entropyStreamDefinition();
[[nodiscard]] CalibrationMethodDefinition manualDefinition();
[[nodiscard]] CalibrationMethodDefinition writtenDefinition();

/// The range of the data, widened to contain 0.
[[nodiscard]] Range dataRange(const TensorStatistics& statistics);

} // namespace core
