#pragma once

#include "core/plan/plan.h"
#include "core/session/session.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// What a search changes in a plan, for the whole network.
struct PlanMove
{
    std::string what; ///< for people: "bias correction"
    std::function<void(QuantizationPlan&)> change;
};

/// Calibration methods that a search tries, for all activations and for single ones.
[[nodiscard]] std::vector<CalibrationMethod> methodsTried();

/// Weights per channel (unless the target has none), equalized, by l2, dead channels zeroed, biases corrected
/// analytically.
[[nodiscard]] std::vector<PlanMove> weightMoves(bool keepsGranularity);

enum class Repaired : std::uint8_t
{
    Yes,
    NotPossible, ///< samples of several shapes have no means in common
    Stopped
};

/// The bias corrections that the means over calibration samples ask for, in place of analytic ones: they see
/// the errors of what lies in front, too (see repair/empirical_bias.h).
[[nodiscard]] Repaired correctBiasesBySamples(Session& session, QuantizationPlan& plan,
                                              const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
