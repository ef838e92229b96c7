#pragma once

#include "core/params/quantization_params.h"
#include "core/report/report.h"

#include <optional>
#include <string>
#include <string_view>

namespace io::html {

/// Text as it may stand in HTML, in attributes too.
[[nodiscard]] std::string escaped(std::string_view text);

[[nodiscard]] std::string realText(double value); ///< four digits: "0.02353"; "–" when not finite
[[nodiscard]] std::string percentText(double share); ///< three digits: "12.4 %"
[[nodiscard]] std::string decibelText(double decibel); ///< one decimal: "43.2"
[[nodiscard]] std::string rangeText(core::Range range); ///< "−1.2 … 5.31"

/// A cell of a sortable table: the raw number decides the order, cells without one come last.
[[nodiscard]] std::string cell(const std::string& text, std::optional<double> value,
                               std::string_view kind = "n");
/// Relative L2 with its heat behind it; "–" when there is none.
[[nodiscard]] std::string errorCell(const std::optional<core::ErrorMetrics>& error);
[[nodiscard]] std::string
sqnrCell(const std::optional<core::ErrorMetrics>& error); ///< "∞" when the error is 0

} // namespace io::html
