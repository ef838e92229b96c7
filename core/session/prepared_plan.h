#pragma once

#include "core/measure/evaluation.h"
#include "core/measure/output_analysis.h"
#include "core/session/fused_network.h"
#include "core/session/session.h"

#include <memory>
#include <optional>
#include <vector>

namespace core {

/// A plan made ready to run on a network that was calibrated.
struct PreparedPlan
{
    FusedNetwork& network;
    ResolvedPlan plan;
    std::vector<Fingerprint> keys; ///< accumulated, by OperatorId
    std::vector<std::shared_ptr<const Executable>> forms;
    std::vector<MeasuredOutput> outputs;
    std::optional<ValueId> classifier;
    Fingerprint outputKey;

    /// The operator does anything that FP32 does not.
    [[nodiscard]] bool hasIsolated(std::size_t op) const;
};

[[nodiscard]] PreparedPlan preparePlan(FusedNetwork& network, const QuantizationPlan& plan,
                                       const DataSource& data);

/// Puts what was measured into the network's caches.
void keepResults(const PreparedPlan& prepared, const EvaluationTask& task, EvaluationOutput&& output);

} // namespace core
