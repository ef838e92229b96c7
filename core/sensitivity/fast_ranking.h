#pragma once

#include "core/sensitivity/error_flow.h"
#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/linear_leave_out.h"
#include "core/sensitivity/output_probe.h"
#include "core/sensitivity/three_truths.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <vector>

namespace core {

/// What every operator does to the network's output, estimated from few samples.
struct PredictedEffect
{
    OperatorId op{};
    double onlyThis = 0.0; ///< relative L2 at the deciding output
    double gainDb = 0.0; ///< of keeping it in FP32
    GainSource gainSource = GainSource::UncorrelatedErrors;
    std::optional<double> gainErrorDb; ///< standard error of gainDb over samples
    std::optional<double> allButThis; ///< relative L2 at the deciding output
};

/// Leave-one-in on `samples` (half an FP32 execution per operator and sample), and the part of its own error
/// that its weights make from the error flow. Errors are taken to be uncorrelated, so keeping the operator in
/// FP32 is predicted to gain −10·log10(1 − share of the output's error energy that its weights cause):
/// useLeaveOut() puts something better in its place.
///
/// Measured for leave-one-in (per-channel min-max, against all operators exactly over 16 samples; Spearman's
/// rank correlation, time against exact leave-one-out): 2 samples 0.94, 0.90, 0.97, 0.96 at 1–11 % on CIFAR
/// ResNet-20 and -32, MobileNet v1 0.25 at 128 and 224. Error flow alone: 0.50, 0.61, 0.92, 0.83 (a residual
/// sum carries errors of the same origin on both sides, which gains of energy cannot tell).
[[nodiscard]] std::optional<std::vector<PredictedEffect>>
predictEffects(OutputProbe& probe, const ErrorFlow& flow, std::size_t samples, const std::stop_token& stop,
               const ProgressCallback& progress);

/// Takes gains from the linearised leave-one-out wherever it reaches: −10·log10(1 − removed / ‖E‖²).
///
/// Measured (Spearman's rank correlation with exact leave-one-out over N samples; on all of them, then on
/// samplesToLinearise() of them, which took 5–10 % of its processor time): MobileNet v1 0.25 at 224 (N = 300)
/// 0.97, 0.92; ResNet-20 with per-tensor weights (N = 2000) 0.99, 0.93, with weights of 5 bits (N = 1000)
/// 0.99, 0.93; ResNet-32 with per-tensor weights (N = 1000) 0.97, 0.94. Weaker where leaving one operator out
/// hardly changes anything, because there even the exact method ranks the luck of rounding: ResNet-20 at 8
/// bits per channel (N = 2000, whose halves agree by no more than 0.70) 0.89, 0.84. Collapsed networks are
/// not linear: MobileNet v1 0.25 at 128 with per-tensor weights (output SQNR −0.8 dB) 0.45.
void useLeaveOut(const LinearLeaveOut& leaveOut, const OutputEffect& all,
                 const std::vector<MeasuredOutput>& outputs, std::vector<PredictedEffect>& effects);

/// Index of the output that relativeL2Of() speaks of.
[[nodiscard]] std::size_t decidingOutput(const OutputEffect& effect,
                                         const std::vector<MeasuredOutput>& outputs);

/// How many of these samples predictLeaveOut should take for a tenth of the time of leaving out that many
/// operators exactly over all of them: one sample costs what about 32 operators do, whatever the network; but
/// at least 16.
[[nodiscard]] std::size_t samplesToLinearise(std::size_t samples, std::size_t operators);

/// How many samples predictEffects should take to rank as the exact method over `samples` would: an eighth of
/// them, and at least four, because two rank small effects, such as those of residual sums, by luck.
[[nodiscard]] std::size_t samplesToRank(std::size_t samples);

/// Rows of the three truths with predictions in place of measurements at the output. Isolated errors are
/// those that the operators make on the quantized pipeline's own inputs.
[[nodiscard]] std::vector<OperatorTruths> predictedTruths(const OutputProbe& probe, const ErrorFlow& flow,
                                                          const std::vector<PredictedEffect>& effects);

/// Measures the `count` rows with the largest predicted error at the output (both ways) and puts that in
/// place of the predictions. False when stopped.
bool confirmWorst(Session& session, OutputProbe& probe, std::size_t count, const EffectMemory& memory,
                  const std::stop_token& stop, const ProgressCallback& progress,
                  std::vector<OperatorTruths>& rows);

} // namespace core
