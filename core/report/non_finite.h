#pragma once

#include "core/report/report.h"

#include <string_view>

namespace core {

/// The relative error of sums of squares, worst where it cannot be told: 0 where there is no error, infinity
/// where a sum is NaN or infinite or where there is an error and nothing to compare it with.
[[nodiscard]] double relativeError(double squaredError, double squaredReference);

/// 20·log10 of its inverse: none where there is no error, −∞ (the worst there is) where it is infinite.
[[nodiscard]] std::optional<double> decibelsOf(double relativeError);

/// dB gained from one SQNR to another (none: exact, 150 dB here; −∞: as much below 0); 0 where both are −∞.
[[nodiscard]] double decibelGain(const std::optional<double>& from, const std::optional<double>& to);

/// Why a metric is no number: "nan", "infinity", "no-reference" (an error beside nothing but zeros); empty
/// where it is one.
[[nodiscard]] std::string_view nonFiniteName(const ErrorMetrics& metrics);

/// Whether NaN or infinity was met.
[[nodiscard]] bool isNonFinite(const ErrorMetrics& metrics);

/// Whether an operator's own or accumulated error is NaN or infinite.
[[nodiscard]] bool isNonFinite(const LayerReport& layer);

/// An SQNR in words: "31.42", "exact" only where two tensors are equal, else what it met instead of a number.
[[nodiscard]] std::string decibelWords(const ErrorMetrics& metrics);
[[nodiscard]] std::string decibelWords(const std::optional<double>& sqnrDb);

} // namespace core
