#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

// Outputs whose type and shape only a run tells are compared by what the run gives.

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class UnknownShapes : public testing::Test
{
protected:
    const fs::path m_folder = support::temporaryFolder() / "unknown_shapes";

    /// y: the elements of relu(x) that are not 0, n: where they stand.
    UnknownShapes()
    {
        fs::create_directories(m_folder);
        io::OnnxWriter writer;
        writer.input("x", core::DataType::Float32, {1, 4});
        writer.output("y", core::DataType::Float32, {core::kDynamic});
        writer.output("n", core::DataType::Int64, {2, core::kDynamic});
        writer.node("Relu", "relu", {"x"}, {"r"});
        writer.node("NonZero", "nonzero", {"r"}, {"n"});
        writer.node("Transpose", "transpose", {"n"}, {"t"});
        writer.node("GatherND", "gather", {"r", "t"}, {"y"});
        io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 13));
    }

    void data(const std::vector<float>& x) const
    {
        io::writeFileAtomically(m_folder / "x.npy",
                                io::tensorToNpy(core::makeTensor<float>({1, 4}, std::span<const float>(x))));
    }

    [[nodiscard]] int exitCodeOf(const std::string& arguments) const
    {
        const std::string command = fmt::format("cd '{}'; '{}' {} --data x.npy >out.txt 2>err.txt",
                                                m_folder.string(), NOISEFLOOR_CLI, arguments);
        const int status = std::system(command.c_str());
        return WIFEXITED(status) && WEXITSTATUS(status) < 128 ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] std::string said() const { return io::readFile(m_folder / "err.txt"); }
};

TEST_F(UnknownShapes, AreComparedAsTheyTurnOut)
{
    data({-1.0f, 0.3f, 1.0f, 2.0f}); // 3 of 4 elements, also in codes
    ASSERT_EQ(exitCodeOf("run m.onnx --report r.json"), 0) << said();
    const auto json = Json::parse(io::readFile(m_folder / "r.json"));
    ASSERT_EQ(json["outputs"].size(), 1u) << json["outputs"];
    EXPECT_EQ(json["outputs"][0]["name"], "y");
    EXPECT_NE(json.dump().find("output 'n' is not compared"), std::string::npos);
    // By hand: codes of steps 3/255 with the zero point 85.
    double error = 0.0;
    double signal = 0.0;
    const double step = 3.0 / 255.0;
    for (const double x : {0.3, 1.0, 2.0}) {
        const double q = std::nearbyint(x / step) * step;
        error += (x - q) * (x - q);
        signal += x * x;
    }
    EXPECT_NEAR(json["outputs"][0]["relative_l2"].get<double>(), std::sqrt(error / signal), 2e-3);
    EXPECT_EQ(exitCodeOf("run m.onnx --fail-if 'output.sqnr_db<10'"), 0) << said();
    for (const char* command : {"sensitivity m.onnx --method fast", "sensitivity m.onnx --method exact",
                                "diagnose m.onnx", "run m.onnx --sensitivity 1"}) {
        EXPECT_EQ(exitCodeOf(command), 0) << command << said();
    }
}

TEST_F(UnknownShapes, AnotherShapeThanInFp32IsTheWorstThereIs)
{
    data({-1.0f, 0.001f, 1.0f, 2.0f}); // 0.001 is code 0: one element less
    EXPECT_EQ(exitCodeOf("run m.onnx --fail-if 'output.sqnr_db<10'"), 1) << said();
}

} // namespace
