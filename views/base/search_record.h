#pragma once

#include "core/plan/plan.h"
#include "core/search/precision_search.h"

#include <cstddef>
#include <memory>

namespace views {

/// A search as far as it came.
struct SearchRecord
{
    core::SearchState state; ///< at least one trial
    core::SearchGoal goal;
    std::size_t samples = 0; ///< per trial
    std::size_t mostTrials = 0;
    std::shared_ptr<const core::QuantizationPlan> start;
};

} // namespace views
