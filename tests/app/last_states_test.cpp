#include "core/tensor/tensor.h"
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

// Recurrent operators of which one output or another is read: what quantizing one alone does to the network
// is what a run in which it alone is quantized says.

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

core::Tensor numbers(core::Shape shape, int seed)
{
    std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(std::sin(static_cast<double>(i) * 12.9898 + seed));
    }
    return core::makeTensor<float>(std::move(shape), std::span<const float>(values));
}

struct Cell
{
    const char* type;
    std::int64_t gates;
    int read; ///< which output
};

class LastStates : public testing::TestWithParam<Cell>
{
protected:
    const fs::path m_folder = support::temporaryFolder() / "last_states";

    void command(const std::string& arguments) const
    {
        const std::string line = fmt::format("cd '{}'; '{}' {} --data x.npy --quiet 2>err.txt",
                                             m_folder.string(), NOISEFLOOR_CLI, arguments);
        ASSERT_EQ(std::system(line.c_str()), 0) << line << io::readFile(m_folder / "err.txt");
    }
};

TEST_P(LastStates, AloneInCodesIsWhatTheRunSays)
{
    constexpr std::int64_t kHidden = 4;
    const Cell& cell = GetParam();
    fs::create_directories(m_folder);
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {5, 1, 3});
    writer.output("y", core::DataType::Float32,
                  cell.read == 0 ? core::Shape{5, 1, 1, kHidden} : core::Shape{1, 1, kHidden});
    writer.initializer("w", numbers({1, cell.gates * kHidden, 3}, 1));
    writer.initializer("r", numbers({1, cell.gates * kHidden, kHidden}, 2));
    std::vector<std::string> outputs(static_cast<std::size_t>(cell.read) + 1);
    outputs.back() = "h";
    writer.node(cell.type, "cell", {"x", "w", "r"}, outputs, {{"hidden_size", kHidden}});
    writer.node("Sigmoid", "sigmoid", {"h"}, {"y"});
    io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 14));
    io::writeFileAtomically(m_folder / "x.npy", io::tensorToNpy(numbers({6, 5, 1, 3}, 3)));

    command("sensitivity m.onnx --set cell::precision=int8 --json s.json");
    command("run m.onnx --set precision=fp32 --set cell::precision=int8 --report r.json");
    const Json report = Json::parse(io::readFile(m_folder / "r.json"));
    const double whole = report["outputs"][0]["relative_l2"].get<double>();
    EXPECT_GT(whole, 1e-4);
    bool isFound = false;
    const Json table = Json::parse(io::readFile(m_folder / "s.json"));
    for (const Json& row : table["operators"]) {
        if (row["name"] == "cell") {
            isFound = true;
            EXPECT_NEAR(row["only_this_relative_l2"].get<double>(), whole, 1e-6 * whole);
        }
    }
    EXPECT_TRUE(isFound);
}

INSTANTIATE_TEST_SUITE_P(Cells, LastStates,
                         testing::Values(Cell{"GRU", 3, 0}, Cell{"GRU", 3, 1}, Cell{"LSTM", 4, 0},
                                         Cell{"LSTM", 4, 1}, Cell{"LSTM", 4, 2}));

} // namespace
