#pragma once

#include "core/session/session.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace core {

/// What a calibration method does when every operator's output takes its range from it.
struct NetworkOutcome
{
    CalibrationMethod method;
    std::shared_ptr<const Report> report; ///< without isolated errors
};

/// The plan with this method for all activations: ranges and methods that were set for types, operators and
/// inputs give way, everything else stays.
[[nodiscard]] QuantizationPlan withActivationMethod(const QuantizationPlan& plan,
                                                    const CalibrationMethod& method);

/// The output that decides: the logits where there are any, else the one with the lowest SQNR. Null where
/// every output is exact.
[[nodiscard]] const OutputReport* decisiveOutput(const Report& report);
[[nodiscard]] std::optional<double> decisiveOutputDb(const Report& report);

/// Methods that choose a range from statistics, with their default parameters; those that imitate one tool
/// (`name:tool`) only where asked for.
enum class Variants
{
    Leave,
    Include
};
[[nodiscard]] std::vector<CalibrationMethod> methodsToCompare(Variants variants);

/// Runs the network once per method on one calibration pass and hands over each outcome as it comes. False
/// when stopped: what was handed over stands.
bool compareOnNetwork(Session& session, const QuantizationPlan& plan,
                      std::span<const CalibrationMethod> methods, const std::stop_token& stop,
                      const ProgressCallback& progress,
                      const std::function<void(const NetworkOutcome&)>& finished);

} // namespace core
