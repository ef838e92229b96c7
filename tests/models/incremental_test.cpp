#include "io/reports/report_json.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

namespace {

using Json = nlohmann::json;

/// A report without what is measured in time.
Json withoutTimes(const core::Report& report)
{
    Json json = Json::parse(io::reportToJson(report));
    json.erase("timing");
    json.erase("threads");
    for (Json& op : json["operators"]) {
        op.erase("time_us");
    }
    return json;
}

/// One random edit of one operator (or of the defaults), as a user would make it.
std::string randomEdit(std::mt19937& random, const core::OperatorGraph& graph)
{
    const auto pick = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    while (true) {
        const core::Operator& op = graph.operators[pick(graph.operators.size())];
        const bool linear = op.type == "Conv" || op.type == "Gemm";
        const bool ownsRange = linear || op.type == "Add" || op.type == "GlobalAveragePool";
        switch (pick(5)) {
        case 0:
            if (linear) {
                return op.name + "::weight.granularity=" + (pick(2) ? "per-tensor" : "per-channel");
            }
            break;
        case 1:
            if (ownsRange) {
                return op.name + "::activation.method=" + (pick(2) ? "l2" : "minmax");
            }
            break;
        case 2:
            if (op.type != "Input") {
                return op.name + "::precision=" + (pick(2) ? "fp32" : "int8");
            }
            break;
        case 3:
            if (ownsRange) {
                return op.name + "::activation.range=[-1.5," + std::to_string(1 + pick(8)) + "]";
            }
            break;
        default:
            if (ownsRange) {
                return op.name + "::activation.scheme=" + (pick(2) ? "symmetric" : "asymmetric");
            }
        }
    }
}

struct EditedModel
{
    const char* model;
    const char* data;
};

class Incremental : public testing::TestWithParam<EditedModel>
{
};

TEST_P(Incremental, EqualsAFullRunBitForBitAfterAnyEdit)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 6, 2);
    auto plan = core::QuantizationPlan::makeDefault();
    ASSERT_TRUE(project.session->run(std::make_shared<const core::QuantizationPlan>(plan), {}, {}));
    const auto graph = project.session->operators(plan);
    std::mt19937 random(7);
    const int edits = models::isLong() ? 67 : 8;
    for (int i = 0; i < edits; ++i) {
        const std::string edit = randomEdit(random, *graph);
        plan = io::withSetting(plan, edit);
        const auto shared = std::make_shared<const core::QuantizationPlan>(plan);
        const auto incremental = project.session->run(shared, {}, {});
        const auto full = models::open(model, data, 6, 1).session->run(shared, {}, {});
        ASSERT_EQ(withoutTimes(*incremental), withoutTimes(*full)) << edit;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Incremental,
    testing::Values(EditedModel{"cifar10_resnet/cifar10_resnet20_simplified.onnx",
                                "cifar10_resnet20_simplified.data.json"},
                    EditedModel{"mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json"},
                    EditedModel{"mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json"}));

// The output of a float operator is quantized only while an integer operator reads it; results kept from that
// time must not be taken for results of now.
TEST(IncrementalSample, AFloatOperatorMayLoseItsIntegerReader)
{
    const auto model = support::projectFile("resources/sample/digits.onnx");
    const auto data = support::projectFile("resources/sample/sample.data.json");
    const app::Project project = models::open(model, data, 4, 2);
    ASSERT_TRUE(project.session->run(models::planWith({"stem::precision=fp32"}), {}, {}));
    const auto plan = models::planWith({"stem::precision=fp32", "block1/depthwise::precision=fp32"});
    const auto incremental = project.session->run(plan, {}, {});
    const auto full = models::open(model, data, 4, 1).session->run(plan, {}, {});
    EXPECT_EQ(withoutTimes(*incremental), withoutTimes(*full));
}

} // namespace
