#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

namespace {

struct TableModel
{
    const char* name;
    const char* model;
    const char* data;
    std::size_t samples; ///< evaluated in the short form, 0: none; all in the long one
    std::map<std::string, double> perChannel; ///< top-1 that must come out within kTolerance, all samples
};

void PrintTo(const TableModel& m, std::ostream* out) { *out << m.name; }

/// Points of top-1.
constexpr double kTolerance = 1.5;

const std::vector<std::string>& methods()
{
    static const std::vector<std::string> kMethods{"minmax",    "percentile:99.9", "percentile:99.99",
                                                   "entropy",   "entropy:mxnet",   "l2",
                                                   "l2-approx", "p99:0.99"};
    return kMethods;
}

class MethodTable : public testing::TestWithParam<TableModel>
{
};

/// FP32 against every method, per tensor and per channel, from one FP32 pass over the calibration data and
/// one over the evaluation data.
TEST_P(MethodTable, ComesFromOneFp32Pass)
{
    const TableModel& m = GetParam();
    if (!models::isLong() && m.samples == 0) {
        GTEST_SKIP() << "all samples, with NOISEFLOOR_LONG=1 only";
    }
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + m.model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + m.data);
    const app::Project project = models::open(model, data, models::isLong() ? 0 : m.samples);
    core::Session& session = *project.session;
    std::vector<core::CalibrationMethod> wanted;
    for (const std::string& method : methods()) {
        wanted.push_back(core::parseCalibrationMethod(method));
    }
    session.collect(wanted);
    const std::vector<std::string> granularities = models::isLong()
        ? std::vector<std::string>{"per-tensor", "per-channel"}
        : std::vector<std::string>{"per-channel"};
    std::string table;
    std::uint64_t samples = 0;
    for (const std::string& granularity : granularities) {
        for (const std::string& method : methods()) {
            const auto plan =
                models::planWith({"weight.granularity=" + granularity, "activation.method=" + method});
            const auto result = session.outputs(*plan, {}, {});
            ASSERT_TRUE(result && result->accuracy && result->accuracy->labelled);
            const core::Accuracy& a = *result->accuracy;
            samples = result->samples;
            table += fmt::format("{:<24}{:<14}{:<18} FP32 {:6.2f}  int8 {:6.2f}  agreement {:6.2f}\n", m.name,
                                 granularity, method, a.fp32.top1, a.quantized.top1, a.top1Agreement);
            const auto expected = m.perChannel.find(method);
            if (models::isLong() && granularity == "per-channel" && expected != m.perChannel.end()) {
                EXPECT_NEAR(a.quantized.top1, expected->second, kTolerance) << method;
            }
            if (granularity == "per-channel" && method == "minmax") {
                EXPECT_GT(a.top1Agreement, 60.0);
            }
        }
    }
    fmt::print("{}", table);
    const std::size_t calibration =
        project.data.calibratesOnEvaluation ? samples : project.data.calibration->size();
    EXPECT_EQ(session.floatExecutions(), calibration + samples);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, MethodTable,
    testing::Values(
        TableModel{"mobilenet_v1",
                   "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
                   "mobilenet_v1_0.25_224.data.json",
                   0,
                   {}},
        TableModel{"mobilenet_v2",
                   "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
                   "mobilenet_v2_1.0_224.data.json",
                   0,
                   {{"minmax", 87.0},
                    {"percentile:99.9", 84.3},
                    {"percentile:99.99", 85.7},
                    {"entropy", 86.3},
                    {"l2", 85.7}}},
        TableModel{
            "squeezenet", "squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json", 0, {}},
        TableModel{"resnet20",
                   "cifar10_resnet/cifar10_resnet20.onnx",
                   "cifar10_resnet20.data.json",
                   0,
                   {{"minmax", 81.7},
                    {"percentile:99.9", 80.7},
                    {"percentile:99.99", 81.6},
                    {"entropy", 81.8},
                    {"l2", 81.6}}},
        TableModel{
            "resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json", 0, {}},
        TableModel{"mnist", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json", 100, {}},
        TableModel{"keyword_spotting",
                   "mlcommons_tiny/kws_ref_model_float32.onnx",
                   "kws_dscnn.data.json",
                   40,
                   {{"minmax", 91.0},
                    {"percentile:99.9", 89.8},
                    {"percentile:99.99", 90.7},
                    {"entropy", 90.2},
                    {"l2", 90.5}}}),
    [](const auto& model) { return std::string(model.param.name); });

} // namespace
