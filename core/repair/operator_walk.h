#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/session/session.h"

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace core {

/// One linear operator that runs in integers, and what it reads, just before it runs: one tensor per sample.
struct WalkStep
{
    const OperatorGraph& graph;
    const ResolvedPlan& resolved;
    OperatorId id{};
    std::span<const Tensor> fp32; ///< its source in the FP32 pipeline
    std::span<const Tensor> quantized; ///< in the quantized pipeline, dequantized

    [[nodiscard]] const Operator& op() const { return graph.at(id); }
    [[nodiscard]] const ResolvedOperator& resolvedOp() const { return resolved.operators[indexOf(id)]; }
};

/// Runs both pipelines side by side over the first `samples` calibration samples, operator by operator, and
/// lets `visit` change the plan before each quantized linear operator: what it changes holds for that
/// operator and all behind it. Only values that are still to be read are kept. visit says whether it changed
/// the plan. False when stopped. Throws core::Error(ShapeMismatch) for samples of other shapes than the
/// graph's.
bool walkOperators(Session& session, QuantizationPlan& plan, std::size_t samples,
                   const std::function<bool(const WalkStep&, QuantizationPlan&)>& visit,
                   const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
