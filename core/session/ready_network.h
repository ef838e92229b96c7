#pragma once

#include "core/measure/evaluation.h"
#include "core/measure/prepared_network.h"
#include "core/session/fused_network.h"
#include "core/session/session.h"

#include <memory>

namespace core {

/// A network made ready under a plan, and what is known of it so far.
struct ReadyNetwork
{
    std::shared_ptr<FusedNetwork> known;
    PreparedNetwork network;
};

/// Of a network that was calibrated.
[[nodiscard]] ReadyNetwork makeReady(std::shared_ptr<FusedNetwork> known, const QuantizationPlan& plan,
                                     const DataSource& data, int threads);

/// Puts what was measured into what is known.
void keepResults(const ReadyNetwork& ready, const EvaluationTask& task, EvaluationOutput&& output);

} // namespace core
