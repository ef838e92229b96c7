#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;

struct Outcome
{
    int exitCode = -1;
    std::string output;
    std::string errors;
};

fs::path folder() { return support::temporaryFolder(); }

Outcome run(const std::string& arguments)
{
    const fs::path out = folder() / "stdout.txt";
    const fs::path err = folder() / "stderr.txt";
    const std::string command = std::string("'") + NOISEFLOOR_CLI + "' " + arguments + " >'" + out.string()
        + "' 2>'" + err.string() + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::readFile(out), io::readFile(err)};
}

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

/// x (1×2×4×4) → one node of that type → y.
fs::path modelWith(const std::string& type, const std::string& file)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 2, 4, 4});
    writer.output("y", core::DataType::Float32, {1, 2, 4, 4});
    writer.node(type, "the node", {"x"}, {"y"});
    io::writeFileAtomically(folder() / file, writer.finish("graph", 13));
    return folder() / file;
}

void expectRefused(const Outcome& outcome, int exitCode, const std::vector<std::string>& mentions)
{
    EXPECT_EQ(outcome.exitCode, exitCode) << outcome.errors;
    EXPECT_EQ(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1) << outcome.errors;
    for (const std::string& mention : mentions) {
        EXPECT_THAT(outcome.errors, testing::HasSubstr(mention));
    }
}

class CommandLine : public testing::Test
{
protected:
    const fs::path model = support::projectFile("resources/sample/digits.onnx");
    const fs::path data = support::projectFile("resources/sample/sample.data.json");
    const fs::path report = folder() / "report.json";
    void SetUp() override { fs::remove(report); }
    [[nodiscard]] std::string options() const
    {
        return " --data " + quoted(data) + " --samples 8 --report " + quoted(report);
    }
};

TEST_F(CommandLine, RunsTheBuiltInSampleAndWritesAReport)
{
    const Outcome outcome = run("run " + quoted(model) + options() + " --sensitivity 2");
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    EXPECT_THAT(outcome.output, testing::HasSubstr("top-1"));
    EXPECT_THAT(io::readFile(report), testing::HasSubstr("noisefloor-report/1"));
}

TEST_F(CommandLine, ASessionFileGivesTheSameReportWithoutRunning)
{
    const fs::path session = folder() / "run.nfs";
    const fs::path again = folder() / "again.json";
    const Outcome saved =
        run("run " + quoted(model) + options() + " --sensitivity 2 --session " + quoted(session));
    ASSERT_EQ(saved.exitCode, 0) << saved.errors;
    const Outcome shown = run("session " + quoted(session) + " --report " + quoted(again));
    ASSERT_EQ(shown.exitCode, 0) << shown.errors;
    EXPECT_THAT(shown.output, testing::HasSubstr("1 runs"));
    EXPECT_EQ(io::readFile(again), io::readFile(report));
    expectRefused(run("session " + quoted(session) + " --run 9 --report " + quoted(again)), 2,
                  {"none of number 9"});
    expectRefused(run("session " + quoted(model)), 3, {"digits.onnx", "not a session file"});
}

TEST_F(CommandLine, DumpsTensorsOfASample)
{
    const fs::path dump = folder() / "tensors";
    const Outcome done =
        run("dump " + quoted(model) + options().substr(0, options().find(" --report"))
            + " --operator block1/depthwise --sample 3 --format npy --output " + quoted(dump));
    ASSERT_EQ(done.exitCode, 0) << done.errors;
    for (const char* role :
         {"fp32", "quantized", "codes", "codes_scale", "weights", "weight_codes", "weight_codes_scale"}) {
        EXPECT_TRUE(fs::exists(dump / ("block1_depthwise." + std::string(role) + ".npy"))) << role;
    }
    expectRefused(run("dump " + quoted(model) + " --data " + quoted(data)
                      + " --operator block1/deptwise --format npy --output " + quoted(dump)),
                  2, {"block1/depthwise"});
}

TEST_F(CommandLine, WritesOneHtmlPage)
{
    const fs::path page = folder() / "page.html";
    const auto outcome =
        run("run " + quoted(modelWith("Relu", "relu.onnx")) + " --samples 2 --quiet --html " + quoted(page));
    EXPECT_EQ(outcome.exitCode, 0) << outcome.errors;
    const std::string html = io::readFile(page);
    EXPECT_THAT(html, testing::StartsWith("<!DOCTYPE html>"));
    EXPECT_THAT(html, testing::HasSubstr("the node"));
    EXPECT_THAT(html, testing::EndsWith("</html>\n"));
}

TEST_F(CommandLine, FailIfDecidesTheExitCode)
{
    EXPECT_EQ(run("run " + quoted(model) + options() + " --fail-if 'output.sqnr_db<1000'").exitCode, 1);
    EXPECT_EQ(run("run " + quoted(model) + options() + " --fail-if 'output.sqnr_db<-1000'").exitCode, 0);
}

TEST_F(CommandLine, RefusesATruncatedModel)
{
    const std::string bytes = io::readFile(model);
    io::writeFileAtomically(folder() / "half.onnx", std::string_view(bytes).substr(0, bytes.size() / 2));
    expectRefused(run("run " + quoted(folder() / "half.onnx") + options()), 3, {"half.onnx"});
    EXPECT_FALSE(fs::exists(report));
}

TEST_F(CommandLine, NamesAnUnknownOperatorWithNodeAndType)
{
    const fs::path unknown = modelWith("Frobnicate", "unknown.onnx");
    expectRefused(run("run " + quoted(unknown) + " --report " + quoted(report)), 3,
                  {"the node", "Frobnicate"});
    EXPECT_FALSE(fs::exists(report));
}

TEST_F(CommandLine, NamesAnUnknownPlanKeyAndAnUnknownOperatorOfAPlan)
{
    io::writeFileAtomically(folder() / "plan.json", R"({"defaults": {"weigth": {}}})");
    expectRefused(run("run " + quoted(model) + options() + " --plan " + quoted(folder() / "plan.json")), 2,
                  {"weigth", "weight"});
    expectRefused(run("run " + quoted(model) + options() + " --set 'nothing::precision=fp32'"), 2,
                  {"nothing"});
    EXPECT_FALSE(fs::exists(report));
}

TEST_F(CommandLine, NamesMissingLabelsAndWrongShapes)
{
    const std::string where = support::projectFile("resources/sample/digits_test.h5").string();
    io::writeFileAtomically(
        folder() / "labels.data.json",
        R"({"format": "noisefloor-data/1", "inputs": [{"path": ")" + where
            + R"(", "kind": "hdf5", "dataset": "images"}], "labels": {"path": "absent.csv", "column": "class"}})");
    expectRefused(run("run " + quoted(model) + " --data " + quoted(folder() / "labels.data.json")
                      + " --report " + quoted(report)),
                  3, {"absent.csv"});
    std::ofstream(folder() / "wrong.npy", std::ios::binary)
        << std::string("\x93NUMPY\x01\x00", 8) << '\x46' << '\x00'
        << "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }            \n"
        << std::string(24, '\0');
    expectRefused(run("run " + quoted(model) + " --data " + quoted(folder() / "wrong.npy") + " --report "
                      + quoted(report)),
                  3, {"wrong.npy"});
    EXPECT_FALSE(fs::exists(report));
}

core::Tensor floats(const core::Shape& shape, float value)
{
    core::TensorBuilder builder(core::DataType::Float32, shape);
    std::ranges::fill(builder.as<float>(), value);
    return std::move(builder).finish();
}

/// Models and data that no run may start with; `write` puts the model into a folder.
struct BadInput
{
    std::string name;
    std::string (*write)();
    std::vector<std::string> mentions;
};

std::string cycle()
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 2});
    writer.output("b", core::DataType::Float32, {1, 2});
    writer.node("Add", "first", {"x", "b"}, {"a"});
    writer.node("Relu", "second", {"a"}, {"b"});
    return writer.finish("graph", 13);
}

std::string nanInWeights()
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 2});
    writer.output("y", core::DataType::Float32, {1, 3});
    writer.initializer("w", floats({2, 3}, std::numeric_limits<float>::quiet_NaN()));
    writer.node("MatMul", "fc", {"x", "w"}, {"y"});
    return writer.finish("graph", 13);
}

std::string hugeInput()
{
    io::OnnxWriter writer;
    const std::int64_t huge = std::int64_t{1} << 30;
    writer.input("x", core::DataType::Float32, {1, huge, huge});
    writer.output("y", core::DataType::Float32, {1, huge, huge});
    writer.node("Relu", "act", {"x"}, {"y"});
    return writer.finish("graph", 13);
}

std::string hugeOutput()
{
    io::OnnxWriter writer;
    const std::int64_t edge = std::int64_t{1} << 14;
    writer.input("x", core::DataType::Float32, {1, edge});
    writer.input("z", core::DataType::Float32, {edge, 1, 1});
    writer.output("y", core::DataType::Float32, {edge, edge, edge});
    writer.initializer("t", floats({1, edge, 1}, 0.0f));
    writer.node("Add", "wide", {"x", "z"}, {"a"});
    writer.node("Add", "huge", {"a", "t"}, {"y"});
    return writer.finish("graph", 13);
}

/// A field of a protobuf message that holds bytes. Lengths stay below 128 here.
std::string field(int number, const std::string& bytes)
{
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string dataOutsideTheFolder()
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 2});
    writer.output("y", core::DataType::Float32, {1, 3});
    writer.node("MatMul", "fc", {"x", "w"}, {"y"});
    // TensorProto: dims 2, 3; data_type float; name; external_data {key, value}; data_location EXTERNAL. A
    // second `graph` (field 7 of ModelProto) is merged with the first: it adds an initializer (field 5 of
    // GraphProto).
    const std::string location = field(1, "location") + field(2, "../../../../../../etc/hostname");
    const std::string tensor = std::string("\x08\x02\x08\x03\x10\x01", 6) + field(8, "w")
        + field(13, location) + std::string("\x70\x01", 2);
    return writer.finish("graph", 13) + field(7, field(5, tensor));
}

class BadInputs : public testing::TestWithParam<BadInput>
{
};

TEST_P(BadInputs, AreOneClearLineAndLeaveNoReport)
{
    const fs::path model = folder() / (GetParam().name + ".onnx");
    const fs::path report = folder() / (GetParam().name + ".json");
    io::writeFileAtomically(model, GetParam().write());
    std::vector<std::string> mentions = GetParam().mentions;
    mentions.push_back(model.filename().string());
    expectRefused(run("run " + quoted(model) + " --samples 2 --report " + quoted(report)), 3, mentions);
    EXPECT_FALSE(fs::exists(report));
}

INSTANTIATE_TEST_SUITE_P(All, BadInputs,
                         testing::Values(BadInput{"cycle", cycle, {"first", "second"}},
                                         BadInput{"nan", nanInWeights, {"'w' of fc (MatMul)", "6 NaN"}},
                                         BadInput{"huge_input", hugeInput, {"x", "1073741824"}},
                                         BadInput{"huge_output", hugeOutput, {"huge (Add)", "16384"}},
                                         BadInput{
                                             "outside", dataOutsideTheFolder, {"'w'", "../etc/hostname"}}),
                         [](const auto& test) { return test.param.name; });

TEST_F(CommandLine, NamesALabelOutsideTheClassesThatBindingGave)
{
    // The model does not declare the shape of its output: only binding tells that it has 10 classes.
    io::OnnxWriter writer;
    writer.input("image", core::DataType::Float32, {core::kDynamic, 1, 32, 32});
    writer.output("y", core::DataType::Float32, {core::kDynamic, core::kDynamic});
    writer.initializer("w", floats({1024, 10}, 0.5f));
    writer.node("Flatten", "flat", {"image"}, {"f"});
    writer.node("MatMul", "fc", {"f", "w"}, {"y"});
    const fs::path open = folder() / "open.onnx";
    io::writeFileAtomically(open, writer.finish("graph", 13));
    std::string description = io::readFile(data);
    const std::string here = data.parent_path().string() + "/";
    for (std::size_t at = 0; (at = description.find("\"digits_", at)) != std::string::npos;
         at += here.size()) {
        description.insert(++at, here);
    }
    const std::string zero = "\"offset\": 0";
    description.replace(description.find(zero), zero.size(), "\"offset\": 5");
    io::writeFileAtomically(folder() / "off.data.json", description);
    expectRefused(run("run " + quoted(open) + " --data " + quoted(folder() / "off.data.json") + " --report "
                      + quoted(report)),
                  3, {"10 classes"});
    EXPECT_FALSE(fs::exists(report));
}

TEST_F(CommandLine, SaysWhatItDoesNotUnderstand)
{
    EXPECT_EQ(run("frobnicate").exitCode, 2);
    EXPECT_EQ(run("run").exitCode, 2);
    EXPECT_EQ(run("--help").exitCode, 0);
    expectRefused(run("run " + quoted(folder() / "absent.onnx")), 3, {"absent.onnx"});
}

TEST_F(CommandLine, InspectsCalibratesAndCompares)
{
    EXPECT_THAT(run("inspect " + quoted(model)).output, testing::HasSubstr("Conv"));
    const fs::path thresholds = folder() / "thresholds.json";
    ASSERT_EQ(run("calibrate " + quoted(model) + " --data " + quoted(data)
                  + " --methods minmax,l2 --thresholds " + quoted(thresholds))
                  .exitCode,
              0);
    EXPECT_THAT(io::readFile(thresholds),
                testing::AllOf(testing::HasSubstr("\"minmax\""), testing::HasSubstr("\"l2\"")));
    ASSERT_EQ(run("run " + quoted(model) + options()).exitCode, 0);
    const fs::path other = folder() / "other.json";
    ASSERT_EQ(run("run " + quoted(model) + " --data " + quoted(data)
                  + " --samples 8 --set weight.granularity=per-tensor --report " + quoted(other))
                  .exitCode,
              0);
    const Outcome compared = run("compare " + quoted(report) + " " + quoted(other));
    EXPECT_EQ(compared.exitCode, 0) << compared.errors;
    EXPECT_THAT(compared.output, testing::HasSubstr("quantized top-1"));
}

TEST_F(CommandLine, VerifiesWhatItExportsAndNotWhatWasChanged)
{
    const std::string project = quoted(model) + " --data " + quoted(data) + " --set fuse_residual=false";
    for (const std::string format : {"plan", "qdq", "csv", "trt-cache"}) {
        const fs::path file = folder() / ("export." + format);
        const Outcome exported =
            run("export " + project + " --format " + format + " --output " + quoted(file));
        ASSERT_EQ(exported.exitCode, 0) << exported.errors;
        const std::string verify = "verify " + project + " --samples 4 --operator-samples 1 --format "
            + format + " --input " + quoted(file) + " --json " + quoted(folder() / "verification.json");
        const Outcome verified = run(verify);
        EXPECT_EQ(verified.exitCode, 0) << format << ": " << verified.errors;
        EXPECT_THAT(io::readFile(folder() / "verification.json"), testing::HasSubstr("\"passed\": true"));
        // Another plan resolves to other params: the same file must not pass.
        const Outcome other = run(verify + " --set activation.method=percentile:90");
        EXPECT_EQ(other.exitCode, 1) << format << ": " << other.output;
    }
}

TEST_F(CommandLine, SaysBeforeWritingWhatATargetCannotExpress)
{
    const Outcome outcome = run("export " + quoted(model) + " --data " + quoted(data)
                                + " --format trt-cache --output " + quoted(folder() / "c.cache"));
    EXPECT_EQ(outcome.exitCode, 0);
    EXPECT_THAT(outcome.errors,
                testing::AllOf(testing::HasSubstr("weights"), testing::HasSubstr("symmetric")));
    EXPECT_EQ(run("export " + quoted(model) + " --format nothing --output x").exitCode, 2);
}

} // namespace
