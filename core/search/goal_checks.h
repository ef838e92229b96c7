#pragma once

#include "core/measure/prepared_network.h"
#include "core/search/search_state.h"
#include "core/session/session.h"

namespace core {

/// Throws core::Error(Usage) where nothing measures what a goal speaks of, saying what to give.
void refuseGoalWithoutMeasure(const SearchGoal& goal, const PreparedNetwork& network, const Session& session);

} // namespace core
