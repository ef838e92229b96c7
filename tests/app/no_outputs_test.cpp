#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

// A network whose only output is a shape: there is nothing that both pipelines could be compared by.

namespace {

namespace fs = std::filesystem;

class NoOutputs : public testing::Test
{
protected:
    const fs::path m_folder = support::temporaryFolder() / "no_outputs";

    NoOutputs()
    {
        fs::create_directories(m_folder);
        io::OnnxWriter writer;
        writer.input("x", core::DataType::Float32, {1, 3});
        writer.output("y", core::DataType::Int64, {2});
        writer.node("Relu", "relu", {"x"}, {"r"});
        writer.node("Shape", "shape", {"r"}, {"y"});
        io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 13));
    }

    [[nodiscard]] int exitCodeOf(const std::string& arguments) const
    {
        const std::string command =
            fmt::format("cd '{}'; '{}' {} >out.txt 2>err.txt", m_folder.string(), NOISEFLOOR_CLI, arguments);
        const int status = std::system(command.c_str());
        return WIFEXITED(status) && WEXITSTATUS(status) < 128 ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] std::string said() const { return io::readFile(m_folder / "err.txt"); }
};

TEST_F(NoOutputs, SensitivityTellsTheErrorsOfOperatorsByEitherMethod)
{
    for (const char* method : {"exact", "fast"}) {
        EXPECT_EQ(exitCodeOf(fmt::format("sensitivity m.onnx --samples 4 --method {}", method)), 0) << said();
        const std::string text = io::readFile(m_folder / "out.txt");
        EXPECT_NE(text.find("no float output to compare"), std::string::npos) << text;
    }
}

TEST_F(NoOutputs, NoBoundHoldsAndNoSearchReachesItsTarget)
{
    EXPECT_EQ(exitCodeOf("run m.onnx --samples 4"), 0) << said();
    EXPECT_EQ(exitCodeOf("run m.onnx --samples 4 --fail-if 'output.sqnr_db<30'"), 2);
    EXPECT_NE(said().find("output.sqnr_db"), std::string::npos) << said();
    EXPECT_EQ(exitCodeOf("search m.onnx --samples 4 --target-sqnr 30"), 2);
    EXPECT_NE(said().find("no float output"), std::string::npos) << said();
}

TEST_F(NoOutputs, ThresholdsTellTheSamplesThatWereUsed)
{
    ASSERT_EQ(exitCodeOf("calibrate m.onnx --samples 3 --methods minmax --thresholds t.json"), 0) << said();
    const auto json = nlohmann::json::parse(io::readFile(m_folder / "t.json"));
    EXPECT_EQ(json["samples"].get<int>() * 3, json["tensors"]["x"]["count"].get<int>());
}

} // namespace
