#pragma once

#include <cstdint>
#include <string_view>

namespace core {

/// Why quantization costs accuracy, as a diagnosis names it.
enum class DiagnosedCause : std::uint8_t
{
    // of the data
    NonFiniteValues, ///< NaN or infinity first appears here
    OutlierSample, ///< one calibration sample stretches the ranges
    SwappedColors, ///< first and last channel of the input are exchanged in the calibration data
    InputScale, ///< the calibration inputs are larger or smaller by a factor
    InputMean, ///< the calibration inputs are shifted
    InputLayout, ///< channels lie last where they should come first, or the other way round
    UnlikeCalibration, ///< the evaluation data leave the calibrated ranges, or use little of them
    TooFewSamples, ///< the same, with hardly any calibration data
                   // of one activation
    RangeTooWide, ///< a manual range that values use little of
    RangeTooNarrow, ///< a manual range that values leave
    ClippedTooHard, ///< the calibration method cuts off what matters
    StretchedByOutliers, ///< rare values decide the range
    OutlierChannel, ///< one channel decides the range of all
    ScaledChannelPair, ///< the same, and its readers scale it back: exact to repair
    ConstantChannel, ///< the same, and the channel is constant
    UnbalancedInputs, ///< Concat of inputs of very different ranges
    WastedBits, ///< signed codes for values of one sign, a reduced range, or power-of-two scales
    BoundedOutput, ///< Softmax, Sigmoid and the like with a range that is not theirs
                   // of weights
    DeadInputChannels, ///< weights that multiply zeros decide the scale of the others
    ChannelImbalance, ///< one scale for output channels of very different ranges
    WeightsClipped, ///< the calibration method of the weights cuts off what matters
    WeightOutliers, ///< a few weights decide the scale of the others
                    // of an operator
    TooFewBits, ///< less than 8
    PairSaturation, ///< sums of two products that do not fit into 16 bits
    MeanShift, ///< most of the error is a constant per channel
    FirstOrLastLayer, ///< ordinary rounding where the network feels it most
    OrdinaryRounding, ///< rounding inside a well-used range
    UnfoldedBatchNormalization, ///< a BatchNormalization that runs on codes of its own
    QuantizedIsland, ///< an integer operator between float ones
                     // of the plan, without a measured error
    ConstantTensor, ///< one value in all calibration samples
    DegenerateCalibrator, ///< a method that can only answer min-max here
    OverrideWithoutEffect, ///< a plan entry that changes nothing
};

[[nodiscard]] std::string_view idOf(DiagnosedCause cause); ///< "outlier-channel", stable
[[nodiscard]] std::string_view titleOf(DiagnosedCause cause); ///< "one channel decides the range of all"

/// Whether the cause lies in the data and not in one operator.
[[nodiscard]] bool isOfData(DiagnosedCause cause);

} // namespace core
