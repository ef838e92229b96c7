#pragma once

#include "core/network/operator_graph.h"
#include "core/sensitivity/output_probe.h"
#include "core/session/session.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <vector>

namespace core {

/// A part of the network that fails on its own: fed with FP32 values and quantized, the error at its output
/// is too large.
struct FailingSubgraph
{
    std::vector<OperatorId> operators; ///< in execution order; the last one writes `output`
    std::vector<ValueId> inputs; ///< what it reads from outside, constants aside
    ValueId output = kNoValue;
    double relativeL2 = 0.0; ///< ‖y − ŷ‖ / ‖y‖ of the part alone, over `samples`
    double accumulatedRelativeL2 = 0.0; ///< of the same value in the whole quantized network
    std::size_t samples = 0;
    std::size_t evaluations = 0; ///< parts that were run
};

/// Finds the first operator whose accumulated relative L2 exceeds `bound`, and of what it depends on the
/// smallest part that still exceeds the bound by itself: the start is bisected along the execution order,
/// then operators are taken away at the entries as long as the rest fails. Of what is found no single entry
/// can be taken away. None when stopped or where no operator exceeds the bound: `isStopped` of the token
/// tells which.
[[nodiscard]] std::optional<FailingSubgraph> findFailingSubgraph(const OutputProbe& probe, double bound,
                                                                 const std::stop_token& stop,
                                                                 const ProgressCallback& progress);

/// Error of a part alone: its operators run quantized, everything that it reads from outside is the FP32
/// value, quantized where the plan holds it as codes. `operators` in execution order; the last one's result
/// is compared.
[[nodiscard]] std::optional<double> relativeL2Alone(const OutputProbe& probe,
                                                    const std::vector<OperatorId>& operators,
                                                    const std::stop_token& stop);

/// What the part alone writes for one sample, dequantized.
[[nodiscard]] Tensor outputAlone(const PreparedNetwork& network, const OutputProbe::Values& values,
                                 const std::vector<OperatorId>& operators);

/// The plan that makes the part alone behave as in the whole network: the settings that apply to its
/// operators, with the ranges that were found there as manual ones, for its operators and its inputs.
[[nodiscard]] QuantizationPlan planOfPart(const PreparedNetwork& network, const FailingSubgraph& part);

} // namespace core
