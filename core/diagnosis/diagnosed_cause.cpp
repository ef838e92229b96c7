#include "core/diagnosis/diagnosed_cause.h"

#include <array>
#include <cstddef>

namespace core {

namespace {

struct CauseText
{
    DiagnosedCause cause;
    std::string_view id;
    std::string_view title;
};

constexpr std::array kTexts{
    CauseText{DiagnosedCause::NonFiniteValues, "non-finite-values", "NaN or infinity appears here first"},
    CauseText{DiagnosedCause::OutlierSample, "outlier-sample", "one calibration sample stretches the ranges"},
    CauseText{DiagnosedCause::SwappedColors, "swapped-colors",
              "colour order differs between calibration and evaluation data"},
    CauseText{DiagnosedCause::InputScale, "input-scale", "calibration inputs are scaled differently"},
    CauseText{DiagnosedCause::InputMean, "input-mean", "calibration inputs are shifted"},
    CauseText{DiagnosedCause::InputLayout, "input-layout", "calibration inputs have another layout"},
    CauseText{DiagnosedCause::UnlikeCalibration, "unlike-calibration",
              "evaluation data are unlike the calibration data"},
    CauseText{DiagnosedCause::TooFewSamples, "too-few-samples", "too few calibration samples"},
    CauseText{DiagnosedCause::RangeTooWide, "range-too-wide", "manual range too wide"},
    CauseText{DiagnosedCause::RangeTooNarrow, "range-too-narrow", "manual range too narrow"},
    CauseText{DiagnosedCause::ClippedTooHard, "clipped-too-hard", "calibration method clips too hard"},
    CauseText{DiagnosedCause::StretchedByOutliers, "stretched-by-outliers", "rare values stretch the range"},
    CauseText{DiagnosedCause::OutlierChannel, "outlier-channel", "an outlier channel decides the range"},
    CauseText{DiagnosedCause::ScaledChannelPair, "scaled-channel-pair",
              "a channel is scaled up here and down by its readers"},
    CauseText{DiagnosedCause::ConstantChannel, "constant-channel", "a constant channel decides the range"},
    CauseText{DiagnosedCause::UnbalancedInputs, "unbalanced-inputs",
              "joined inputs have very different ranges"},
    CauseText{DiagnosedCause::WastedBits, "wasted-bits", "codes that no value uses"},
    CauseText{DiagnosedCause::BoundedOutput, "bounded-output", "range is not that of the function"},
    CauseText{DiagnosedCause::DeadInputChannels, "dead-input-channels",
              "weights of dead input channels set the scale"},
    CauseText{DiagnosedCause::ChannelImbalance, "channel-imbalance",
              "one scale for channels of very different weights"},
    CauseText{DiagnosedCause::WeightsClipped, "weights-clipped", "weights are clipped too hard"},
    CauseText{DiagnosedCause::WeightOutliers, "weight-outliers", "a few large weights set the scale"},
    CauseText{DiagnosedCause::TooFewBits, "too-few-bits", "too few bits"},
    CauseText{DiagnosedCause::PairSaturation, "pair-saturation",
              "sums of two products saturate on the target"},
    CauseText{DiagnosedCause::MeanShift, "mean-shift", "the error is mostly a constant per channel"},
    CauseText{DiagnosedCause::FirstOrLastLayer, "first-or-last-layer", "rounding of the first or last layer"},
    CauseText{DiagnosedCause::OrdinaryRounding, "ordinary-rounding", "ordinary rounding"},
    CauseText{DiagnosedCause::UnfoldedBatchNormalization, "unfolded-batch-normalization",
              "BatchNormalization is not folded"},
    CauseText{DiagnosedCause::QuantizedIsland, "quantized-island", "a quantized operator between float ones"},
    CauseText{DiagnosedCause::ConstantTensor, "constant-tensor", "constant over the calibration data"},
    CauseText{DiagnosedCause::DegenerateCalibrator, "degenerate-calibrator",
              "the calibration method has no choice here"},
    CauseText{DiagnosedCause::OverrideWithoutEffect, "override-without-effect", "plan entry without effect"},
};

constexpr bool isInOrder()
{
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
        if (kTexts[i].cause != static_cast<DiagnosedCause>(i)) {
            return false;
        }
    }
    return kTexts.back().cause == DiagnosedCause::OverrideWithoutEffect;
}
static_assert(isInOrder());

} // namespace

std::string_view idOf(DiagnosedCause cause) { return kTexts[static_cast<std::size_t>(cause)].id; }

std::string_view titleOf(DiagnosedCause cause) { return kTexts[static_cast<std::size_t>(cause)].title; }

bool isOfData(DiagnosedCause cause)
{
    return cause >= DiagnosedCause::OutlierSample && cause <= DiagnosedCause::TooFewSamples;
}

} // namespace core
