#pragma once

#include "core/plan/plan.h"
#include "core/report/report.h"

#include <QString>

#include <optional>

namespace views {

/// What stands where there is no number.
[[nodiscard]] QString missingText(); ///< "–"

[[nodiscard]] QString realText(double value, int digits = 4); ///< shortest of fixed and scientific: "0.0208"
[[nodiscard]] QString shareText(double share); ///< percent, three digits: "12.4 %", "< 0.001 %"
[[nodiscard]] QString decibelText(double decibel); ///< one decimal; "∞" for an infinite one
[[nodiscard]] QString durationText(double microseconds); ///< "210 µs", "1.32 ms"
[[nodiscard]] QString countText(double count); ///< "1.23 M"
[[nodiscard]] QString rangeText(core::Range range); ///< "−1.2 … 5.31"
[[nodiscard]] QString secondsText(double seconds); ///< "12 s", "3 min 20 s"

[[nodiscard]] QString
relativeText(const std::optional<core::ErrorMetrics>& error); ///< relative L2 as percent
[[nodiscard]] QString sqnrText(const std::optional<core::ErrorMetrics>& error); ///< "∞" when the error is 0

/// "u8 asymmetric · scale 0.0208 · zero point 12"; per-channel params give the span of scales.
[[nodiscard]] QString paramsText(const core::QuantizationParams& params);
[[nodiscard]] QString typeText(const core::QuantizationParams& params); ///< "u8", "s4", …

/// The method as people call it: "Entropy (KL)", "Percentile 99.99".
[[nodiscard]] QString methodTitle(const core::CalibrationMethod& method);

} // namespace views
