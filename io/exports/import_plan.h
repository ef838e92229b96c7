#pragma once

#include "core/operator_graph.h"
#include "core/plan.h"
#include "io/exports/format.h"

#include <vector>

namespace io {

struct ImportedPlan
{
    core::QuantizationPlan plan;
    std::vector<ExportLoss> losses; ///< what a plan cannot take over, by tensor or operator
};

/// A plan that asks for what a table says: manual ranges whose params are the table's, operators in FP32, granularity
/// of weights. Everything the table does not mention keeps `base`. Scales of weights are not taken over: a plan
/// quantizes them anew by min-max; where that gives another scale it is a loss.
[[nodiscard]] ImportedPlan planFrom(const EncodingTable& table, const core::OperatorGraph& graph,
                                    const core::QuantizationPlan& base);

} // namespace io
