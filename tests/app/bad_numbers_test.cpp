#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Ran
{
    int exitCode = -1;
    std::string output;
    Json report;
};

fs::path folder() { return support::temporaryFolder(); }

Ran run(const fs::path& model, const fs::path& data, const std::string& more)
{
    const fs::path out = folder() / "said.txt";
    const fs::path report = folder() / "report.json";
    fs::remove(report);
    const std::string command = std::string("'") + NOISEFLOOR_CLI + "' run '" + model.string() + "' --data '"
        + data.string() + "' --report '" + report.string() + "' " + more + " >'" + out.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    Ran result{WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::readFile(out), {}};
    if (fs::exists(report)) {
        result.report = Json::parse(io::readFile(report)); // throws at a NaN token
    }
    return result;
}

/// Two samples of 4 values; x → MatMul by a fixed matrix → (the node named) → y.
struct Network
{
    fs::path model;
    fs::path data;
};

Network networkOn(const std::vector<float>& values, const std::string& last = {})
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 4});
    writer.output("y", core::DataType::Float32, {1, 4});
    const std::vector<float> weights{0.5f,  -0.25f, 1.0f, 0.75f, -1.0f, 0.3f, 0.2f,  0.6f,
                                     0.35f, 0.45f,  0.7f, -0.8f, 0.1f,  0.9f, -0.6f, 0.4f};
    writer.initializer("w", core::makeTensor<float>({4, 4}, std::span<const float>(weights)));
    writer.node("MatMul", "product", {"x", "w"}, {last.empty() ? "y" : "h"});
    if (!last.empty()) {
        writer.node(last, "last", {"h"}, {"y"});
    }
    Network network{folder() / "network.onnx", folder() / "x.npy"};
    io::writeFileAtomically(network.model, writer.finish("graph", 13));
    io::writeFileAtomically(
        network.data,
        io::tensorToNpy(core::makeTensor<float>({static_cast<std::int64_t>(values.size()) / 4, 4},
                                                std::span<const float>(values))));
    return network;
}

Ran runOn(const std::vector<float>& values, const std::string& more, const std::string& last = {})
{
    const Network network = networkOn(values, last);
    return run(network.model, network.data, more);
}

class NotANumber : public testing::TestWithParam<float>
{
};

TEST_P(NotANumber, IsTheWorstThereIsInTextReportAndExitCode)
{
    const Ran ran =
        runOn({1.0f, -2.0f, 0.5f, 3.0f, 1.0f, GetParam(), 0.5f, 3.0f}, "--fail-if 'output.sqnr_db<-1000'");
    EXPECT_EQ(ran.exitCode, 1) << ran.output;
    EXPECT_THAT(ran.output, testing::Not(testing::HasSubstr("SQNR exact")));
    const Json output = ran.report.at("outputs").at(0);
    EXPECT_TRUE(output.at("sqnr_db").is_null());
    EXPECT_THAT(output.at("non_finite").get<std::string>(), testing::AnyOf("nan", "infinity"));
}

TEST_P(NotANumber, BehindReluIsStillTheWorstThereIs)
{
    const Ran ran = runOn({1.0f, -2.0f, 0.5f, 3.0f, 1.0f, GetParam(), 0.5f, 3.0f},
                          "--fail-if 'output.relative_l2>1e30'", "Relu");
    EXPECT_EQ(ran.exitCode, 1) << ran.output;
    EXPECT_THAT(ran.output, testing::Not(testing::HasSubstr("SQNR exact")));
}

TEST_P(NotANumber, AgreesWithNothing)
{
    const float x = GetParam();
    const Ran ran = runOn({x, x, x, x, x, x, x, x}, "--fail-if 'agreement<=99'");
    if (ran.report.at("accuracy").is_null()) {
        GTEST_SKIP() << "not taken for a classifier";
    }
    EXPECT_EQ(ran.exitCode, 1) << ran.output;
}

INSTANTIATE_TEST_SUITE_P(BadNumbers, NotANumber, testing::Values(kNan, kInfinity, -kInfinity));

/// The same network on data of any magnitude has the same SQNR: squares of the smallest and the largest lie
/// far outside float.
TEST(BadNumbers, SqnrDoesNotDependOnTheScaleOfTheData)
{
    const std::vector<float> values{1.0f, -2.0f, 0.5f, 3.0f, -0.7f, 1.9f, 0.25f, -2.5f};
    const double usual = runOn(values, "").report.at("outputs").at(0).at("sqnr_db").get<double>();
    ASSERT_GT(usual, 20.0);
    // Powers of two: scaling is exact, so the codes are the same.
    for (const float scale : {0x1p66f, 0x1p100f, 0x1p-60f, 0x1p-80f}) {
        std::vector<float> scaled = values;
        for (float& x : scaled) {
            x *= scale;
        }
        const Ran ran = runOn(scaled, "--fail-if 'output.sqnr_db<20'");
        EXPECT_EQ(ran.exitCode, 0) << ran.output;
        EXPECT_NEAR(ran.report.at("outputs").at(0).at("sqnr_db").get<double>(), usual, 1e-3) << scale;
    }
}

TEST(BadNumbers, ZeroReferenceWithAnErrorIsNotExact)
{
    // Relu makes FP32 all zeros; what int8 rounds above zero is an error beside nothing.
    const Ran ran = runOn({-1e-9f, -1e-9f, -1e-9f, -1e-9f}, "", "Relu");
    for (const Json& output : ran.report.at("outputs")) {
        if (output.at("sqnr_db").is_null() && !output.contains("non_finite")) {
            EXPECT_EQ(output.at("max_abs").get<double>(), 0.0);
        }
    }
}

struct SharedCase
{
    std::string model;
    std::string data;
    std::string condition;
    int exitCode;
};

class SharedBadNumbers : public testing::TestWithParam<SharedCase>
{
};

TEST_P(SharedBadNumbers, HaveTheRightExitCode)
{
    const SharedCase& c = GetParam();
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "cases/" + c.model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "cases/" + c.data);
    const Ran ran = run(model, data, "--fail-if '" + c.condition + "'");
    EXPECT_EQ(ran.exitCode, c.exitCode) << ran.output;
    EXPECT_THAT(ran.output, testing::Not(testing::HasSubstr("SQNR exact")));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SharedBadNumbers,
    testing::Values(SharedCase{"graphs/50-data-inf/model.onnx", "graphs/50-data-inf/data.json",
                               "output.sqnr_db<20", 1},
                    SharedCase{"graphs/50h-scale-1e+20/model.onnx", "graphs/50h-scale-1e+20/data.json",
                               "output.sqnr_db<30", 0}, // 39.29 dB, as at scale 1
                    SharedCase{"hostile/nan/lin.onnx", "hostile/nan/nan1.json", "output.sqnr_db<20", 1}));

TEST(FailIfNumbers, HaveToBeFinite)
{
    EXPECT_EQ(runOn({1.0f, 2.0f, 3.0f, 4.0f}, "--fail-if 'output.sqnr_db<nan'").exitCode, 2);
}

} // namespace
