#pragma once

#include "core/diagnosis/finding.h"
#include "core/session/session.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace core {

inline constexpr double kLeastGain = 0.1; ///< dB, of a fix that costs nothing

/// Error and accuracy at the output of a plan over the evaluation data. None when stopped.
[[nodiscard]] std::optional<OutputQuality> outputQuality(Session& session, const QuantizationPlan& plan,
                                                         const std::stop_token& stop);

/// Decibels from one quality to another; an exact output counts as 150 dB.
[[nodiscard]] double gainBetween(const OutputQuality& from, const OutputQuality& to);

/// Tries every fix of a finding on the plan, sorts them best first and marks the one to take. A fix that
/// `objection` speaks against is refused in its words. False when stopped.
bool measureFixes(Session& session, const QuantizationPlan& plan, const OutputQuality& now, Finding& finding,
                  const PlanObjection& objection, const std::stop_token& stop);

} // namespace core
