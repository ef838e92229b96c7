#include "io/plan_json.h"

#include "core/error.h"

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
    EXPECT_EQ(plan.operators.at("fc").activation.range, (core::Range {-1.5, 6.0}));
    EXPECT_FALSE(plan.quantizeOutputs);
    EXPECT_FALSE(plan.fuse);
    EXPECT_EQ(io::planFromJson(io::planToJson(plan)), plan);
}

TEST(PlanJson, NamesAnUnknownKeyAndItsNeighbour)
{
    EXPECT_THAT(errorOf(R"({"defaults": {"weight": {"granularty": "per-tensor"}}})"),
                testing::AllOf(testing::HasSubstr("defaults.weight.granularty"), testing::HasSubstr("'granularity'")));
}

TEST(PlanJson, RefusesWhatItCannotDo)
{
    EXPECT_THAT(errorOf(R"({"defaults": {"activation": {"bits": 4}}})"), testing::HasSubstr("bits"));
    EXPECT_THAT(errorOf(R"({"operators": {"a": {"activation": {"method": "manual"}}}})"), testing::HasSubstr("range"));
    EXPECT_THAT(errorOf(R"({"operators": {"a": {"activation": {"method": "manual", "range": [2, 1]}}}})"), testing::HasSubstr("range"));
    EXPECT_THAT(errorOf(R"({"defaults": {"backend": "reference"}})"), testing::HasSubstr("real, emulated"));
    EXPECT_EQ(io::planFromJson(R"({"defaults": {"backend": "emulated"}})").defaults.backend, core::Backend::Emulated);
    EXPECT_THAT(errorOf(R"({"format": "noisefloor-plan/9"})"), testing::HasSubstr("noisefloor-plan/1"));
    EXPECT_THAT(errorOf("{"), testing::HasSubstr("parse error"));
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

} // namespace
