#pragma once

#include "core/plan/repair_settings.h"

#include <string>
#include <string_view>

namespace core {

/// As a plan writes them; lists of numbers and masks by how many there are: "8 scales".
[[nodiscard]] std::string toString(const ZeroDeadChannels& wish); ///< "true", "false", "calibrated"
[[nodiscard]] std::string toString(const Equalization& wish); ///< "true", "false", "8 scales"
[[nodiscard]] std::string toString(const BiasCorrection& wish); ///< "none", "analytic", "8 numbers"
[[nodiscard]] std::string toString(const RoundingMask& mask); ///< "none", "72 bytes"
/// Inverses for the words. Throw core::Error(Usage) listing what is accepted.
[[nodiscard]] ZeroDeadChannels parseZeroDeadChannels(std::string_view text);
[[nodiscard]] Equalization parseEqualization(std::string_view text);
[[nodiscard]] BiasCorrection parseBiasCorrection(std::string_view text);

} // namespace core
