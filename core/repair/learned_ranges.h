#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/session/session.h"

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// Gives every value that has params of its own and whose operator (or input) `isWanted` the range that
/// learnRange() finds over the first `samples` calibration samples, as method manual; values whose error no
/// other range lowers stay as they are. False when stopped.
bool learnRangesOf(Session& session, QuantizationPlan& plan,
                   const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                   std::vector<std::string>& notes, const std::stop_token& stop,
                   const ProgressCallback& progress);

} // namespace core
