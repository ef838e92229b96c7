#pragma once

#include "core/diagnosis/diagnosed_cause.h"
#include "tests/models/model_run.h"
#include "tests/models/planted_cases.h"
#include "tests/support/planted_faults.h"

#include <string>
#include <vector>

namespace planted {

/// One of each kind: a short run takes these.
inline std::vector<MakeCase> allCases()
{
    using enum DiagnosedCause;
    const std::vector<float> mean{123.675f, 116.28f, 103.53f};
    const std::vector<float> deviation{58.395f, 57.12f, 57.375f};
    const std::vector<float> none{0.0f, 0.0f, 0.0f};
    const std::vector<float> one{1.0f, 1.0f, 1.0f};
    std::vector<MakeCase> cases;
    const auto add = [&](MakeCase make) { cases.push_back(std::move(make)); };
    // One of each kind first: a short run takes these.
    add(planFault("few weight bits", kResnet8, 0.4, {"weight.bits=3"}, {TooFewBits}));
    add(planFault("few activation bits", kResnet20, 0.5, {"activation.bits=3"}, {TooFewBits}));
    add(rangeFault("range too wide", kKeywords, 0.5, 30.0, RangeTooWide));
    add(rangeFault("range too narrow", kResnet8, 0.5, 0.15, RangeTooNarrow));
    add(planFault("clipped tail", kKeywords, 0.3, {"activation.method=percentile:95"}, {ClippedTooHard}));
    add(planFault("per-tensor layer", kMobileNet, 0.2, {"weight.granularity=per-tensor"},
                  {ChannelImbalance, DeadInputChannels}, true));
    add(dataFault("swapped colours", kResnet8, support::swapColors(none, one), {SwappedColors}, 200, 120));
    add(dataFault("input scale", kKeywords, support::scaleBy(1.0f / 255.0f), {InputScale}));
    add(dataFault("outlier sample", kResnet8, support::scaleOneSample(5, 30.0f), {OutlierSample}));
    add(pairFault("scaled pair", kResnet8, 0.0, 64.0f, {ScaledChannelPair, OutlierChannel}));
    add(pairFault("constant channel", kSimplified, 0.3, 60.0f, {ConstantChannel}));
    add(planFault("wrong scheme", kResnet8, 0.0, kWasteful, {WastedBits}));
    add(concatFault(64.0f, 1));
    add(planFault("clipped weights", kKeywords, 0.6, {"weight.method=percentile:80"}, {WeightsClipped}));
    add(dataFault("input mean", kKeywords, support::shiftBy(60.0f), {InputMean, InputScale}));
    add(dataFault("constant input", kResnet8, support::blank(), {ConstantTensor}));
    add(dataFault("layout", kResnet20, support::interleave(), {InputLayout}));
    add(fewSamples(kResnet20));
    add(saturationFault(1));
    return cases;
}

inline std::vector<MakeCase> moreCases()
{
    using enum DiagnosedCause;
    const std::vector<float> mean{123.675f, 116.28f, 103.53f};
    const std::vector<float> deviation{58.395f, 57.12f, 57.375f};
    std::vector<MakeCase> cases;
    for (const ModelFile& file : {kResnet20, kKeywords, kWakeWords}) {
        cases.push_back(planFault("few weight bits", file, 0.5, {"weight.bits=3"}, {TooFewBits}));
    }
    for (const ModelFile& file : {kResnet8, kKeywords, kMnist}) {
        cases.push_back(planFault("few activation bits", file, 0.3, {"activation.bits=3"}, {TooFewBits}));
    }
    for (const ModelFile& file : {kResnet8, kResnet20, kWakeWords}) {
        cases.push_back(rangeFault("range too wide", file, 0.4, 30.0, RangeTooWide));
    }
    for (const ModelFile& file : {kResnet20, kKeywords, kMnist}) {
        cases.push_back(rangeFault("range too narrow", file, 0.3, 0.15, RangeTooNarrow));
    }
    for (const ModelFile& file : {kResnet8, kResnet20}) {
        cases.push_back(
            planFault("clipped tail", file, 0.5, {"activation.method=percentile:90"}, {ClippedTooHard}));
    }
    cases.push_back(planFault("per-tensor layer", kMobileNet, 0.0, {"weight.granularity=per-tensor"},
                              {ChannelImbalance, DeadInputChannels}, true));
    cases.push_back(planFault("per-tensor layer", kMobileNet, 0.1, {"weight.granularity=per-tensor"},
                              {ChannelImbalance, DeadInputChannels}, true));
    cases.push_back(dataFault("swapped colours", kResnet20, support::swapColors(mean, deviation),
                              {SwappedColors}, 200, 120));
    cases.push_back(dataFault("swapped colours", kResnet32, support::swapColors(mean, deviation),
                              {SwappedColors}, 200, 120));
    cases.push_back(dataFault("input scale", kResnet20, support::scaleBy(1.0f / 58.0f), {InputScale}));
    cases.push_back(dataFault("input scale", kWakeWords, support::scaleBy(255.0f), {InputScale}));
    cases.push_back(
        dataFault("outlier sample", kKeywords, support::scaleOneSample(3, 20.0f), {OutlierSample}));
    cases.push_back(
        dataFault("outlier sample", kResnet20, support::scaleOneSample(9, 25.0f), {OutlierSample}));
    cases.push_back(pairFault("scaled pair", kSimplified, 0.2, 64.0f, {ScaledChannelPair, OutlierChannel}));
    cases.push_back(pairFault("scaled pair", kSimplified, 0.7, 128.0f, {ScaledChannelPair, OutlierChannel}));
    cases.push_back(pairFault("constant channel", kResnet8, 0.5, 50.0f, {ConstantChannel}));
    cases.push_back(pairFault("constant channel", kSimplified, 0.8, 80.0f, {ConstantChannel}));
    for (const ModelFile& file : {kResnet20, kResnet32}) {
        cases.push_back(planFault("wrong scheme", file, 0.0, kWasteful, {WastedBits}));
    }
    cases.push_back(concatFault(100.0f, 2));
    cases.push_back(concatFault(32.0f, 3));
    for (const ModelFile& file : {kResnet8, kResnet20}) {
        cases.push_back(
            planFault("clipped weights", file, 0.5, {"weight.method=percentile:80"}, {WeightsClipped}));
    }
    cases.push_back(dataFault("input mean", kResnet20, support::shiftBy(4.0f), {DiagnosedCause::InputMean}));
    cases.push_back(
        dataFault("constant input", kKeywords, support::blank(), {DiagnosedCause::ConstantTensor}));
    cases.push_back(dataFault("layout", kResnet8, support::interleave(), {DiagnosedCause::InputLayout}));
    cases.push_back(fewSamples(kResnet8));
    cases.push_back(saturationFault(2));
    cases.push_back(saturationFault(3));
    return cases;
}

inline const ModelFile kLargeResnet8{"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx",
                                     "resnet8_large.data.json", 200};
inline const ModelFile kMobileNet224{"mobilenet224",
                                     "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                                     "mobilenet_v1_0.25_224.data.json", 0};

/// Models, operators, strengths and seeds that no threshold of a rule was tuned on.
inline std::vector<MakeCase> heldOutCases()
{
    using enum DiagnosedCause;
    const std::vector<float> none{0.0f, 0.0f, 0.0f};
    const std::vector<float> one{1.0f, 1.0f, 1.0f};
    std::vector<MakeCase> cases;
    const auto add = [&](MakeCase make) { cases.push_back(std::move(make)); };
    add(planFault("few weight bits", kLargeResnet8, 0.8, {"weight.bits=3"}, {TooFewBits}));
    add(rangeFault("range too wide", kLargeResnet8, 0.6, 45.0, RangeTooWide));
    add(pairFault("scaled pair", kLargeResnet8, 0.5, 90.0f, {ScaledChannelPair, OutlierChannel}));
    add(concatFault(80.0f, 11));
    add(saturationFault(12));
    if (!models::isLong()) {
        return cases;
    }
    add(planFault("clipped weights", kLargeResnet8, 0.3, {"weight.method=percentile:75"}, {WeightsClipped}));
    add(dataFault("outlier sample", kLargeResnet8, support::scaleOneSample(17, 40.0f), {OutlierSample}));
    add(dataFault("swapped colours", kLargeResnet8, support::swapColors(none, one), {SwappedColors}, 200,
                  120));
    add(planFault("few activation bits", kLargeResnet8, 0.2, {"activation.bits=3"}, {TooFewBits}));
    add(planFault("few activation bits", kResnet32, 0.7, {"activation.bits=3"}, {TooFewBits}));
    add(planFault("few weight bits", kResnet32, 0.2, {"weight.bits=3"}, {TooFewBits}));
    add(rangeFault("range too narrow", kLargeResnet8, 0.7, 0.2, RangeTooNarrow));
    add(rangeFault("range too narrow", kWakeWords, 0.6, 0.1, RangeTooNarrow));
    add(rangeFault("range too wide", kResnet32, 0.8, 25.0, RangeTooWide));
    add(planFault("clipped tail", kLargeResnet8, 0.4, {"activation.method=percentile:92"}, {ClippedTooHard}));
    add(planFault("per-tensor layer", kMobileNet224, 0.15, {"weight.granularity=per-tensor"},
                  {ChannelImbalance, DeadInputChannels}, true));
    add(planFault("wrong scheme", kLargeResnet8, 0.1, kWasteful, {WastedBits}));
    add(pairFault("constant channel", kLargeResnet8, 0.6, 70.0f, {ConstantChannel}));
    add(dataFault("input scale", kLargeResnet8, support::scaleBy(1.0f / 255.0f), {InputScale}));
    add(dataFault("layout", kResnet32, support::interleave(), {InputLayout}));
    add(concatFault(24.0f, 13));
    add(saturationFault(14));
    return cases;
}

} // namespace planted
