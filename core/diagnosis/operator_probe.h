#pragma once

#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/quantization/resolved_plan.h"
#include "core/session/session.h"
#include "core/tensor/dataset.h"

#include <optional>
#include <vector>

namespace core {

/// Squared error at the network's output, relative to the output's energy, when the FP32 network is disturbed
/// by one part of what one operator does to its own output; everything else stays FP32. The parts follow one
/// another: weights and bias rounded, then the result clipped, then rounded; arithmetic is what the integer
/// kernel adds.
struct ErrorParts
{
    double weights = 0.0;
    double clip = 0.0;
    double round = 0.0;
    double arithmetic = 0.0; ///< saturating sums, tables, fixed-point requantization, dynamic ranges
    double withoutMean = 0.0; ///< all of it but the constant of every channel

    // Each of these is one factor alone; none is part of the sum.
    double bias = 0.0; ///< of weights: rounding the bias
    double activationOnly = 0.0; ///< the output clipped and rounded, weights and bias in FP32
    double nudge = 0.0; ///< of round: what moving zero onto a code adds, or saves where negative
    double saturation = 0.0; ///< of arithmetic: sums that saturate on the target
    double table = 0.0; ///< of arithmetic: of operators that look up a table
    double inputs = 0.0; ///< what rounding its inputs does to its FP32 form: not its own error

    [[nodiscard]] double sum() const { return weights + clip + round + arithmetic; }
};

/// What one operator adds to the error, whatever its inputs bring: y_quantized − y_FP32 on the same
/// dequantized inputs.
struct OperatorProbe
{
    bool measured = false;
    double own = 0.0; ///< Σe² / Σy² at its own output
    double atOutput = 0.0; ///< Σe² / Σy² at the decisive output, e added to the FP32 output of the operator
    double share = 0.0; ///< of the sum of atOutput over all operators
    double meanShare = 0.0; ///< Σ_c n_c·mean(e_c)² / Σe² at its own output
    std::optional<ErrorParts> parts; ///< of the guilty ones
};

struct NetworkProbe
{
    std::vector<OperatorProbe> operators; ///< by OperatorId
    std::size_t samples = 0;
};

struct ProbeOptions
{
    std::size_t samples = 4;
    double partsFrom = 0.01; ///< least share of operators that are split into parts
    std::size_t mostParts = 12;
    int threads = 0;
};

/// Charges the output error to operators over evenly spread samples of the data that have the graph's shapes.
/// None when stopped.
[[nodiscard]] std::optional<NetworkProbe>
probeOperators(const Pipeline& pipeline, const ResolvedPlan& plan, const std::vector<MeasuredOutput>& outputs,
               const Dataset& data, std::size_t available, const ProbeOptions& options,
               const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
