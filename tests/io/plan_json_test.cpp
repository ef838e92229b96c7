#include "io/plans/plan_json.h"

#include "core/base/error.h"
#include "tests/support/thread_time.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

std::string errorOf(const std::string& json)
{
    try {
        (void)io::planFromJson(json);
    } catch (const core::Error& error) {
        return error.what();
    }
    return {};
}

TEST(PlanJson, RoundTripsEveryField)
{
    const std::string text = R"({"defaults": {"activation": {"method": "l2"}, "fuse_residual": false},
        "types": {"Conv": {"weight": {"granularity": "per-tensor"}}},
        "operators": {"conv1": {"precision": "fp32"}, "fc": {"activation": {"method": "manual", "range": [-1.5, 6]}}},
        "inputs": {"x": {"activation": {"scheme": "symmetric"}}}, "outputs": "float", "fusion": "off"})";
    const auto plan = io::planFromJson(text);
    EXPECT_EQ(plan.defaults.activation.method->name, "l2");
    EXPECT_EQ(plan.defaults.fuseResidual, false);
    EXPECT_EQ(plan.types.at("Conv").weight.granularity->kind, core::Granularity::Kind::PerTensor);
    EXPECT_EQ(plan.types.at("Softmax").precision, core::kFp32); // a default rule stays
    EXPECT_EQ(plan.operators.at("fc").activation.range, (core::Range{-1.5, 6.0}));
    EXPECT_FALSE(plan.quantizeOutputs);
    EXPECT_FALSE(plan.fuse);
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
}

TEST(PlanJson, RoundTripsAPlanWithoutTheUsualRules)
{
    const auto plan = core::QuantizationPlan::makeWritten();
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
    const auto without = io::planFromJson(R"({"types": {"Softmax": {}}})");
    EXPECT_FALSE(without.types.contains("Softmax"));
    EXPECT_TRUE(without.types.contains("LRN"));
    EXPECT_EQ(io::planFromJson(io::planToJson(without)), without);
}

TEST(PlanJson, RoundTripsRepairs)
{
    const std::string text =
        R"({"defaults": {"weight": {"zero_dead_channels": true, "equalize": true, "bias_correction": "analytic"}},
        "operators": {"a": {"weight": {"zero_dead_channels": "calibrated", "equalize": [1.5, 2], "bias_correction": [0.25, -3]}},
                      "b": {"weight": {"zero_dead_channels": false, "equalize": false, "bias_correction": "none", "rounding_mask": "BQ=="}}}})";
    const auto plan = io::planFromJson(text);
    EXPECT_EQ(plan.defaults.weight.zeroDeadChannels->kind, core::ZeroDeadChannels::Kind::Provable);
    EXPECT_TRUE(plan.defaults.weight.equalize->automatic);
    EXPECT_EQ(plan.operators.at("a").weight.equalize->scale, (std::vector<float>{1.5f, 2.0f}));
    EXPECT_EQ(plan.operators.at("a").weight.biasCorrection->error, (std::vector<float>{0.25f, -3.0f}));
    EXPECT_TRUE(plan.operators.at("b").weight.roundingMask->isUp(2)); // 0b101
    EXPECT_FALSE(plan.operators.at("b").weight.roundingMask->isUp(1));
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
    const auto set = io::withSetting(io::withSetting(plan, "weight.zero_dead_channels=calibrated"),
                                     "a::weight.equalize=[3]");
    EXPECT_EQ(set.defaults.weight.zeroDeadChannels->kind, core::ZeroDeadChannels::Kind::Calibrated);
    EXPECT_EQ(set.operators.at("a").weight.equalize->scale, std::vector<float>{3.0f});
    EXPECT_EQ(set.settingsFor("b", "Conv").weight.equalize->isOn(), false); // operator over defaults
}

TEST(PlanJson, RefusesRepairsThatMakeNoSense)
{
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"bias_correction": []}}})"),
                testing::HasSubstr("at least one number"));
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"bias_correction": "fast"}}})"),
                testing::HasSubstr("analytic"));
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"rounding_mask": "B?=="}}})"),
                testing::HasSubstr("base64"));
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"zero_dead_channels": "maybe"}}})"),
                testing::HasSubstr("calibrated"));
}

// A plan of any length is read in time that grows with its length alone.
/// Processor time of a plan that names that many operators.
double readingTime(int names)
{
    std::string text = R"({"operators": {"first": {"precision": "fp32"})";
    for (int i = 0; i < names; ++i) {
        text += fmt::format(R"(,"operator_{}": {{"weight": {{"granularity": "per-tensor"}}}})",
                            static_cast<std::int64_t>(i) * 7919 % names);
    }
    const double before = support::threadMilliseconds();
    const core::QuantizationPlan plan = io::planFromJson(text + "}}");
    const double time = support::threadMilliseconds() - before;
    EXPECT_EQ(plan.operators.size(), static_cast<std::size_t>(names) + 1);
    EXPECT_EQ(core::toString(*plan.operators.at(fmt::format("operator_{}", names - 1)).weight.granularity),
              "per-tensor");
    return time;
}

TEST(PlanJson, ReadsNamesInTheTimeOfTheirNumber)
{
    // Each name compared with each took 256 times as long for 16 times as many.
    EXPECT_LT(readingTime(96'000), 64.0 * readingTime(6'000));
}

TEST(PlanJson, NamesAnUnknownKeyAndItsNeighbour)
{
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"granularty": "per-tensor"}}})"),
                testing::AllOf(testing::HasSubstr("defaults.weight.granularty"),
                               testing::HasSubstr("'granularity'")));
}

TEST(PlanJson, RefusesWhatItCannotDo)
{
    EXPECT_THAT(errorOf(R"({"defaults": {"activation": {"bits": 17}}})"), testing::HasSubstr("2 … 16 bits"));
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"range": "ful"}}})"),
                testing::HasSubstr("restricted, full"));
    EXPECT_THAT(errorOf(R"({"defaults": {"accumulator": "s16-outlier:9"}})"),
                testing::HasSubstr("s16-outlier:N"));
    EXPECT_THAT(errorOf(R"({"operators": {"a": {"activation": {"method": "manual"}}}})"),
                testing::HasSubstr("range"));
    EXPECT_THAT(errorOf(R"({"operators": {"a": {"activation": {"method": "manual", "range": [2, 1]}}}})"),
                testing::HasSubstr("range"));
    EXPECT_THAT(errorOf(R"({"defaults": {"backend": "reference"}})"), testing::HasSubstr("real, emulated"));
    EXPECT_EQ(io::planFromJson(R"({"defaults": {"backend": "emulated"}})").defaults.backend,
              core::Backend::Emulated);
    EXPECT_THAT(errorOf(R"({"format": "noisefloor-plan/9"})"), testing::HasSubstr("noisefloor-plan/1"));
    EXPECT_THAT(errorOf("{"), testing::HasSubstr("parse error"));
}

TEST(PlanJson, RoundTripsSchemesAndArithmetic)
{
    const auto plan = io::planFromJson(
        R"({"defaults": {"precision": "int", "rounding": "dnnlowp", "requantization": "gemmlowp",
        "target": "avx2", "activation": {"bits": 12, "convention": "dnnlowp", "power_of_two": true, "sign": "provenance",
        "followed_by": true, "reduce_range": false}, "weight": {"bits": 4, "scheme": "asymmetric", "granularity": "group:32",
        "range": "full", "reduce_range": true, "power_of_two": true, "convention": "pytorch"}},
        "operators": {"a": {"accumulator": "s16-outlier:6", "precision": "fake-bfp16-round"}, "cat": {"share_range": true},
                      "b": {"weight": {"granularity": "per-conv-group"}, "precision": "bf16"}}})");
    EXPECT_EQ(plan.defaults.activation.bits, 12);
    EXPECT_EQ(plan.defaults.weight.granularity->group, 32);
    EXPECT_EQ(plan.operators.at("a").accumulator,
              (core::Accumulator{core::Accumulator::Kind::S16Outlier, 6}));
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
}

TEST(PlanJson, AnIntegerPrecisionSetsBothWidths)
{
    const auto plan =
        io::planFromJson(R"({"operators": {"a": {"precision": "int4"}, "b": {"weight": {"bits": 2}}}})");
    EXPECT_EQ(plan.settingsFor("a", "Conv").activation.bits, 4);
    EXPECT_EQ(plan.settingsFor("a", "Conv").weight.bits, 4);
    EXPECT_EQ(plan.settingsFor("b", "Conv").activation.bits, 8);
    EXPECT_EQ(core::toString(*plan.settingsFor("b", "Conv").precision), "int");
    EXPECT_THAT(errorOf(R"({"operators": {"a": {"precision": "int4", "weight": {"bits": 8}}}})"),
                testing::HasSubstr("precision int4 contradicts weight.bits 8"));
}

TEST(PlanJson, SettingsGoIntoDefaultsOrOneOperator)
{
    auto plan = core::QuantizationPlan::makeDefault();
    plan = io::withSetting(plan, "weight.granularity=per-tensor");
    plan = io::withSetting(plan, "block/conv::activation.method=l2");
    plan = io::withSetting(plan, "block/conv::precision=int8");
    plan = io::withSetting(plan, "fc::activation.range=[-1,2]");
    EXPECT_EQ(plan.defaults.weight.granularity->kind, core::Granularity::Kind::PerTensor);
    EXPECT_EQ(plan.operators.at("block/conv").activation.method->name, "l2");
    EXPECT_EQ(plan.operators.at("block/conv").precision, core::kInt8);
    EXPECT_EQ(plan.operators.at("fc").activation.method->name, "manual");
    EXPECT_THROW((void)io::withSetting(plan, "weight.granularity"), core::Error);
}

TEST(PlanJson, APresetLiesBeneathTheDefaults)
{
    const auto plan =
        io::planFromJson(R"({"preset": "fbgemm", "defaults": {"activation": {"method": "minmax"}}})");
    EXPECT_EQ(plan.defaults.activation.reduceRange, true);
    EXPECT_EQ(plan.defaults.activation.convention, core::Convention::Pytorch);
    EXPECT_EQ(plan.defaults.activation.method->name, "minmax");
    EXPECT_EQ(plan.defaults.weight.granularity->kind, core::Granularity::Kind::PerChannel);
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
    const auto qnnpack = io::withSetting(plan, "preset=qnnpack");
    EXPECT_EQ(qnnpack.defaults.activation.reduceRange, false);
    EXPECT_EQ(qnnpack.defaults.activation.method->name, "l2:pytorch");
    EXPECT_EQ(qnnpack.defaults.weight.granularity->kind, core::Granularity::Kind::PerTensor);
    EXPECT_EQ(qnnpack.defaults.requantization, core::Requantization::Qnnpack);
    EXPECT_THROW((void)io::withSetting(plan, "preset=fbgem"), core::Error);
}

TEST(PlanJson, KeepsSelectorsAsTheyAreWritten)
{
    auto plan = io::withSetting(core::QuantizationPlan::makeDefault(), "/a::b=[0-9]/::weight.bits=4");
    plan = io::withSetting(plan, "Conv>Conv::precision=fp32");
    plan.selected["conv1"].precision = core::kFp32;
    const auto back = io::planFromJson(io::planToJson(plan));
    EXPECT_EQ(back, plan);
    EXPECT_EQ(back.operators.at("Conv>Conv").precision, core::kFp32);
    EXPECT_TRUE(back.operators.contains("/a::b=[0-9]/"));
    EXPECT_TRUE(back.selected.empty());
}

} // namespace
