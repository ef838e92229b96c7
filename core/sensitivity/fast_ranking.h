#pragma once

#include "core/sensitivity/error_flow.h"
#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/output_probe.h"
#include "core/sensitivity/three_truths.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <vector>

namespace core {

/// What every operator does to the network's output, estimated from very few samples: leave-one-in on
/// `samples` of them (half an FP32 execution per operator and sample), and the part of its own error that its
/// weights make from the error flow. Errors are taken to be uncorrelated, so keeping the operator in FP32 is
/// predicted to gain −10·log10(1 − share of the output's error energy that its weights cause).
///
/// Measured (per-channel min-max, against all operators exactly over 16 samples; Spearman's rank correlation
/// with leave-one-in, time against exact leave-one-out): 2 samples 0.94, 0.90, 0.97, 0.96 at 1–11 % on CIFAR
/// ResNet-20 and -32, MobileNet v1 0.25 at 128 and 224; 1 sample 0.78–0.97; 4 samples 0.90–0.98. Error flow
/// alone: 0.50, 0.61, 0.92, 0.83 at under 1 % (a residual sum carries errors of the same origin on both
/// sides, which gains of energy cannot tell). Gradients with random signs at the output: 0.86–0.95, but
/// slower than leave-one-in on 2 samples. Leave-one-out of a network that quantizes well ranks little but
/// noise: 8 of the 16 samples agree with all 16 by 0.5–0.95, and it correlates with leave-one-in by
/// −0.25…0.45, because errors of rounded weights partly cancel; no prediction reached more than 0.72 there.
struct PredictedEffect
{
    OperatorId op{};
    double onlyThis = 0.0; ///< relative L2 at the deciding output
    double gainDb = 0.0; ///< of keeping it in FP32
};
[[nodiscard]] std::optional<std::vector<PredictedEffect>>
predictEffects(OutputProbe& probe, const ErrorFlow& flow, std::size_t samples, const std::stop_token& stop,
               const ProgressCallback& progress);

/// How many samples predictEffects should take to rank as the exact method over `samples` would, at a tenth
/// of its time.
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
