#pragma once

#include "core/plan/repair_settings.h"
#include "core/repair/operator_walk.h"

#include <cstddef>
#include <functional>
#include <vector>

namespace core {

struct LearnedRounding
{
    RoundingMask mask;
    double nearest = 0.0; ///< E‖(W_q − W)·x‖² with every weight rounded to nearest
    double learned = 0.0; ///< with the mask; never more
};

/// Which way to round each weight so that the operator's result changes least: the objective of AdaRound
/// (Nagel et al. 2020), E‖(W_q − W)·x‖² over the sources x that the quantized pipeline gives, minimized row
/// by row by coordinate descent on the bits from nearest on, which needs no more than G = E[x·xᵀ] and is
/// deterministic. `centered`: the mean is left out of G, because a bias correction takes it away. At most
/// `positions` windows of the samples, evenly spread, make up G.
[[nodiscard]] LearnedRounding learnRounding(const WalkStep& step, bool centered,
                                            std::size_t positions = 2048);

/// Gives every operator that `isWanted` a rounding mask, in the order they run. False when stopped.
bool learnRoundingOf(Session& session, QuantizationPlan& plan,
                     const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                     const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
