#include "core/diagnosis/diagnose.h"
#include "io/plan_json.h"
#include "tests/models/model_run.h"
#include "tests/support/planted_faults.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>

namespace {

using core::DiagnosedCause;

struct ModelFile
{
    std::string name;
    const char* model;
    const char* data;
    std::size_t evaluateFrom; ///< samples before it are for calibration
};

const ModelFile kResnet8{"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json", 200};
const ModelFile kResnet20{"resnet20", "cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json",
                          200};
const ModelFile kSimplified{"resnet20s", "cifar10_resnet/cifar10_resnet20_simplified.onnx",
                            "cifar10_resnet20_simplified.data.json", 200};
const ModelFile kResnet32{"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx",
                          "cifar10_resnet32_bn.data.json", 200};
const ModelFile kKeywords{"kws", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json", 100};
const ModelFile kMnist{"mnist", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json", 200};
const ModelFile kWakeWords{"vww", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json", 40};
const ModelFile kMobileNet{"mobilenet128", "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
                           "mobilenet_v1_0.25_128_keras.data.json", 0};

/// Signed codes behind a Relu, a bit given away, and steps rounded up.
const std::vector<std::string> kWasteful{"activation.scheme=symmetric", "activation.reduce_range=true",
                                         "activation.power_of_two=true"};

/// A network with its data, healthy or not.
struct Setup
{
    std::shared_ptr<const core::Graph> graph;
    core::DataSource data;
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();

    [[nodiscard]] std::unique_ptr<core::Session> open() const
    {
        return std::make_unique<core::Session>(graph, core::ModelInfo{}, data, core::SessionOptions{});
    }
};

struct Planted
{
    std::string kind;
    std::string name;
    Setup healthy;
    Setup faulty;
    std::set<std::string> guilty; ///< any of these
    std::set<DiagnosedCause> causes; ///< any of these
};

std::optional<Setup> healthyModel(const ModelFile& file, std::size_t calibration = 40,
                                  std::size_t evaluation = 12)
{
    const auto model = support::sharedFile(std::string("models/") + file.model);
    const auto data = support::sharedFile(std::string("data/") + file.data);
    if (!model || !data) {
        return std::nullopt;
    }
    const app::Project project = models::open(*model, *data);
    Setup setup{project.graph, project.data, core::QuantizationPlan::makeDefault()};
    setup.data.calibration = support::samplesOf(project.data.calibration, 0, calibration);
    setup.data.evaluation = support::samplesOf(project.data.evaluation, file.evaluateFrom, evaluation);
    setup.data.calibratesOnEvaluation = false;
    return setup;
}

std::shared_ptr<const core::OperatorGraph> fused(const Setup& setup)
{
    return core::fuseOperators(setup.graph, {});
}

/// Names of linear operators of a type, in execution order, the last one left out.
std::vector<std::string> linearOperators(const Setup& setup, bool depthwise = false)
{
    std::vector<std::string> names;
    const auto graph = fused(setup);
    for (const core::Operator& op : graph->operators) {
        const bool isDepthwise = op.type == "Conv" && op.node.integer("group", 1) > 1;
        if (op.type == "Conv" && isDepthwise == depthwise) {
            names.push_back(op.name);
        }
    }
    return names;
}

std::string pick(const std::vector<std::string>& names, double at)
{
    return names[std::min(names.size() - 1,
                          static_cast<std::size_t>(at * static_cast<double>(names.size())))];
}

/// What an operator writes over the calibration data.
core::Range observed(const Setup& setup, const std::string& op)
{
    const auto session = setup.open();
    EXPECT_TRUE(session->calibrate({}, {}));
    const auto graph = session->operators(setup.plan);
    const auto statistics = session->calibrationStatistics();
    const core::Moments& m = statistics->at(graph->value(graph->at(*graph->find(op)).result()).name).total;
    return {m.min, m.max};
}

/// Cases are made one at a time: each holds a network.
using MakeCase = std::function<std::optional<Planted>()>;

MakeCase planFault(const std::string& kind, const ModelFile& file, double at,
                   const std::vector<std::string>& settings, std::set<DiagnosedCause> causes,
                   bool depthwise = false)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const std::string op = pick(linearOperators(*healthy, depthwise), at);
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, causes};
        for (const std::string& setting : settings) {
            planted.faulty.plan = io::withSetting(planted.faulty.plan, op + "::" + setting);
        }
        return planted;
    };
}

MakeCase rangeFault(const std::string& kind, const ModelFile& file, double at, double factor,
                    DiagnosedCause cause)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const std::string op = pick(linearOperators(*healthy), at);
        const core::Range range = observed(*healthy, op);
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, {cause}};
        planted.faulty.plan = io::withSetting(
            planted.faulty.plan,
            fmt::format("{}::activation.range=[{},{}]", op, factor * range.min, factor * range.max));
        return planted;
    };
}

MakeCase dataFault(const std::string& kind, const ModelFile& file, support::EditInput edit,
                   std::set<DiagnosedCause> causes, std::size_t calibration = 40, std::size_t evaluation = 12)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file, calibration, evaluation);
        if (!healthy) {
            return std::nullopt;
        }
        Planted planted{
            kind,  file.name, *healthy, *healthy, {healthy->graph->value(healthy->graph->inputs()[0]).name},
            causes};
        planted.faulty.data.calibration = support::withInput(healthy->data.calibration, kind, edit);
        return planted;
    };
}

MakeCase fewSamples(const ModelFile& file)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        Planted planted{"too few samples",
                        file.name,
                        *healthy,
                        *healthy,
                        {healthy->graph->value(healthy->graph->inputs()[0]).name},
                        {DiagnosedCause::TooFewSamples}};
        planted.faulty.data.calibration = support::withInput(
            support::samplesOf(healthy->data.calibration, 0, 1), "dark", support::scaleBy(0.3f));
        return planted;
    };
}

MakeCase pairFault(const std::string& kind, const ModelFile& file, double at, float factor,
                   std::set<DiagnosedCause> causes)
{
    return [=]() -> std::optional<Planted> {
        auto healthy = healthyModel(file);
        if (!healthy) {
            return std::nullopt;
        }
        const auto graph = fused(*healthy);
        const auto pairs = support::convPairs(*graph);
        if (pairs.empty()) {
            ADD_FAILURE() << file.name << " has no pair of Conv";
            return std::nullopt;
        }
        const auto& pair = pairs[std::min(pairs.size() - 1,
                                          static_cast<std::size_t>(at * static_cast<double>(pairs.size())))];
        // A channel that is in use: the one with the largest magnitude.
        const auto session = healthy->open();
        EXPECT_TRUE(session->calibrate({}, {}));
        const auto statistics = session->calibrationStatistics();
        const auto& channels =
            statistics->at(graph->value(graph->operators[pair.first].result()).name).channels;
        const auto largest =
            std::ranges::max_element(channels, {}, [](const core::Moments& m) { return m.max; });
        const auto channel = static_cast<std::size_t>(largest - channels.begin());
        const std::string op = graph->operators[pair.first].name;
        Planted planted{kind, file.name + " " + op, *healthy, *healthy, {op}, causes};
        planted.faulty.graph = kind == "constant channel"
            ? support::constantChannel(*graph, pair, channel, factor * largest->max)
            : support::scaleChannel(*graph, pair, channel, factor);
        return planted;
    };
}

MakeCase concatFault(float factor, unsigned seed)
{
    return [=]() -> std::optional<Planted> {
        auto source = healthyModel(kResnet20);
        if (!source) {
            return std::nullopt;
        }
        Setup healthy{support::concatNetwork(1.0f, seed), source->data,
                      core::QuantizationPlan::makeDefault()};
        healthy.data.labelsOutput.clear();
        Planted planted{"unbalanced Concat",
                        fmt::format("synthetic {}", seed),
                        healthy,
                        healthy,
                        {"join"},
                        {DiagnosedCause::UnbalancedInputs}};
        planted.faulty.graph = support::concatNetwork(factor, seed);
        return planted;
    };
}

MakeCase saturationFault(unsigned seed)
{
    return [=]() -> std::optional<Planted> {
        const auto source = healthyModel(kResnet8); // pixels 0…255
        if (!source) {
            return std::nullopt;
        }
        Setup healthy{support::saturatingNetwork(seed), source->data, core::QuantizationPlan::makeDefault()};
        healthy.data.labelsOutput.clear();
        Planted planted{"saturating pair", fmt::format("synthetic {}", seed), healthy, healthy,
                        {"saturating"},    {DiagnosedCause::PairSaturation}};
        planted.faulty.plan = io::withSetting(healthy.plan, "saturating::accumulator=s32-pair-saturating");
        return planted;
    };
}

std::vector<MakeCase> allCases()
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

std::vector<MakeCase> moreCases()
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

const ModelFile kLargeResnet8{"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx",
                              "resnet8_large.data.json", 200};
const ModelFile kMobileNet224{"mobilenet224", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                              "mobilenet_v1_0.25_224.data.json", 0};

/// Models, operators, strengths and seeds that no threshold of a rule was tuned on.
std::vector<MakeCase> heldOutCases()
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

struct Shares
{
    int cases = 0;
    int guilty = 0;
    int cause = 0;
    int costly = 0; ///< faults of at least half a decibel
    int recovered = 0;
    std::set<std::string> kinds;
};

double decibels(const core::OutputQuality& quality) { return quality.sqnrDb.value_or(150.0); }

void judge(const Planted& planted, Shares& shares)
{
    core::DiagnosisOptions nothing;
    nothing.mostMeasured = 0;
    const auto healthySession = planted.healthy.open();
    const auto healthy =
        core::diagnose(*healthySession, std::make_shared<const core::QuantizationPlan>(planted.healthy.plan),
                       nothing, {}, {});
    const auto session = planted.faulty.open();
    core::DiagnosisOptions options;
    options.mostMeasured = 1;
    const auto found = core::diagnose(
        *session, std::make_shared<const core::QuantizationPlan>(planted.faulty.plan), options, {}, {});
    ASSERT_TRUE(healthy && found);
    ASSERT_FALSE(found->findings.empty())
        << planted.kind << " " << planted.name << ": " << found->probeSamples << " samples, "
        << found->operators.size() << " operators, " << decibels(found->quality) << " dB";
    const core::Finding& first = found->findings.front();
    const double lost = decibels(healthy->quality) - decibels(found->quality);
    const core::Fix* fix = first.recommendedFix();
    const double gain = fix ? fix->gainDb.value_or(0.0) : 0.0;
    const bool guilty = planted.guilty.contains(first.guilty);
    const bool cause = guilty && planted.causes.contains(first.cause);
    const bool costly = lost >= 0.5;
    const bool recovered = costly && gain >= 0.9 * lost;
    fmt::print("{:<20}{:<44}{:>6.1f} dB lost  {} {} {} | {} {} {:.2f}, {:+.1f} dB: {}\n", planted.kind,
               planted.name, lost, guilty ? "guilty" : "------", cause ? "cause" : "-----",
               !costly         ? "n/a  "
                   : recovered ? "fixed"
                               : "-----",
               first.guilty, core::idOf(first.cause), first.severity, gain, fix ? fix->label : "no fix");
    if (!cause && found->findings.size() > 1) {
        const core::Finding& second = found->findings[1];
        fmt::print("{:>20}{} {} {:.2f}\n", "then ", second.guilty, core::idOf(second.cause), second.severity);
    }
    ++shares.cases;
    shares.kinds.insert(planted.kind);
    shares.guilty += guilty;
    shares.cause += cause;
    shares.costly += costly;
    shares.recovered += recovered;
}

Shares judged(const std::vector<MakeCase>& cases, const char* what)
{
    Shares shares;
    for (const MakeCase& make : cases) {
        if (const auto planted = make()) {
            judge(*planted, shares);
        }
    }
    fmt::print("{} {} cases of {} kinds: guilty first {}, cause {}, recovered {} of {} that cost 0.5 dB\n",
               shares.cases, what, shares.kinds.size(), shares.guilty, shares.cause, shares.recovered,
               shares.costly);
    return shares;
}

TEST(Diagnosis, HoldsOnCasesThatNoThresholdWasTunedOn)
{
    const Shares shares = judged(heldOutCases(), "held-out");
    if (shares.cases == 0) {
        GTEST_SKIP() << "no shared models: set NOISEFLOOR_SHARED";
    }
    EXPECT_GE(shares.guilty, 0.95 * shares.cases);
    EXPECT_GE(shares.cause, 0.85 * shares.cases);
    EXPECT_GE(shares.recovered, 0.85 * shares.costly);
}

TEST(Diagnosis, NamesPlantedFaultsAndFixesThem)
{
    std::vector<MakeCase> cases = allCases();
    if (models::isLong()) {
        const auto more = moreCases();
        cases.insert(cases.end(), more.begin(), more.end());
    }
    const Shares shares = judged(cases, "planted");
    if (shares.cases == 0) {
        GTEST_SKIP() << "no shared models: set NOISEFLOOR_SHARED";
    }
    EXPECT_GE(shares.kinds.size(), 12u);
    EXPECT_GE(shares.cases, models::isLong() ? 40 : 12);
    EXPECT_GE(shares.guilty, 0.95 * shares.cases);
    EXPECT_GE(shares.cause, 0.85 * shares.cases);
    EXPECT_GE(shares.recovered, 0.85 * shares.costly);
}

} // namespace
