#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "io/exports/format.h"
#include "io/exports/read_quantized_model.h"

#include <vector>

namespace io {

struct ImportedPlan
{
    core::QuantizationPlan plan;
    std::vector<ExportLoss> losses; ///< what a plan cannot take over, by tensor or operator
};

/// A plan that asks for what a table says: manual ranges whose params are the table's, operators in FP32,
/// granularity and scheme of weights. Everything the table does not mention keeps `base`. Scales of weights
/// are not taken over: the plan quantizes them anew by its method; where that gives another scale it is a
/// loss, as is a scale of moved codes other than that of their source.
[[nodiscard]] ImportedPlan planFrom(const EncodingTable& table, const core::OperatorGraph& graph,
                                    const core::QuantizationPlan& base);

/// The same of a quantized model, whose codes of weights and biases are losses where the plan makes others.
[[nodiscard]] ImportedPlan planFrom(const QuantizedModel& model, const core::OperatorGraph& graph,
                                    const core::QuantizationPlan& base);

} // namespace io
