#pragma once

#include "core/search/search_state.h"
#include "core/sensitivity/leave_one.h"
#include "core/session/session.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace core {

struct SearchOptions
{
    SearchGoal goal;
    std::size_t samples = 0; ///< evaluation samples per trial; 0: all
    std::size_t trials = 100; ///< most plans measured, those from the memory included
    std::size_t rankingSamples = 4; ///< that rank the operators
    bool keepsGranularity = false; ///< the target has no weights per channel
    /// What a plan becomes before it is tried: what a target can run. Unset: itself.
    std::function<QuantizationPlan(const QuantizationPlan&)> kept{};
};

/// All trials so far, in order; `best` and `front` index them.
struct SearchState
{
    std::vector<Trial> trials;
    std::size_t best = 0;
    std::vector<std::size_t> front;
    bool isFinished = false; ///< no step is left that could be better; false where trials ran out
};

/// Mixed precision and calibration method per operator, as an anytime job. The steps, each of them measured
/// over all samples: the plan itself; one calibration method, weights per channel, cross-layer equalization,
/// zeroed dead channels and bias correction, analytic and by samples, for the whole network; then, in the
/// order of predicted sensitivity, other methods for single operators (kept where they help), operators kept
/// in FP32 (as few as the goal takes, by doubling and bisection), and one by one back to int8 where the goal
/// still holds.
///
/// Deterministic: the same model, data, plan and options try the same plans in the same order. A search that
/// was stopped or killed therefore goes on when it is called again with a memory that holds what was
/// measured; stopping it is the pause. `finished` gets the state after every trial, whose last one is new;
/// `memory.keep` was called before. Returns the state, also when stopped; none when stopped before the first
/// trial. Throws core::Error(Usage) for a goal on top-1 without labels.
[[nodiscard]] std::optional<SearchState>
searchPrecision(Session& session, const QuantizationPlan& plan, const SearchOptions& options,
                const EffectMemory& memory, const std::stop_token& stop, const ProgressCallback& progress,
                const std::function<void(const SearchState&)>& finished);

} // namespace core
