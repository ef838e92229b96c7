#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"

#include <span>
#include <string>

namespace core {

/// What the convention dnnlowp makes of operators other than products.
struct DnnlowpForms
{
    std::optional<QuantizationParams> intermediate;
    bool isFixedPoint = false;
    std::string note; ///< why a wish is not met; empty
};

/// Of an Add or Sum whose settings name a width: the codes that DNNLOWP chooses for it from the union of the
/// operands' representable ranges. Of a GroupNormalization under the convention: fixed point. `operands`
/// and `result` are the params of what it reads and writes. Source: caffe2/quantization/server,
/// elementwise_add_dnnlowp_op.cc and group_norm_dnnlowp_op.cc.
[[nodiscard]] DnnlowpForms dnnlowpForms(const Operator& op, const ResolvedOperator& resolved,
                                        const OperatorSettings& settings,
                                        std::span<const QuantizationParams* const> operands,
                                        const QuantizationParams& result);

/// The scale of 8-bit weights whose least and largest are those: what the constants of its normalization get.
[[nodiscard]] float dnnlowpWeightScale(float min, float max);

} // namespace core
