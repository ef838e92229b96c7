#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

// Inputs of length zero from the command line: a cache without a past, a batch without samples.

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

class ZeroLengthRun : public testing::Test
{
protected:
    const fs::path m_folder = support::temporaryFolder() / "zero_length";

    ZeroLengthRun() { fs::create_directories(m_folder); }

    void array(const std::string& name, const core::Shape& shape) const
    {
        std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(i % 7) - 2.5f;
        }
        io::writeFileAtomically(
            m_folder / name, io::tensorToNpy(core::makeTensor<float>(shape, std::span<const float>(values))));
    }

    [[nodiscard]] int exitCodeOf(const std::string& arguments) const
    {
        const std::string command =
            fmt::format("cd '{}'; '{}' {} >out.txt 2>err.txt", m_folder.string(), NOISEFLOOR_CLI, arguments);
        const int status = std::system(command.c_str());
        return WIFEXITED(status) && WEXITSTATUS(status) < 128 ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] std::string said() const { return io::readFile(m_folder / "err.txt"); }
    [[nodiscard]] Json report() const { return Json::parse(io::readFile(m_folder / "r.json")); }
};

/// y = (past, x) · w, present = (past, x).
std::string cacheModel()
{
    io::OnnxWriter writer;
    writer.input("past", core::DataType::Float32, {1, core::kDynamic, 4});
    writer.input("x", core::DataType::Float32, {1, 2, 4});
    writer.output("y", core::DataType::Float32, {1, core::kDynamic, 3});
    writer.output("present", core::DataType::Float32, {1, core::kDynamic, 4});
    std::vector<float> weights(12);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = 0.25f * static_cast<float>(i % 5) - 0.4f;
    }
    writer.initializer("w", core::makeTensor<float>({4, 3}, std::span<const float>(weights)));
    writer.node("Concat", "join", {"past", "x"}, {"present"}, {{"axis", std::int64_t{1}}});
    writer.node("MatMul", "project", {"present", "w"}, {"y"});
    return writer.finish("graph", 13);
}

TEST_F(ZeroLengthRun, ACacheWithoutPastIsQuantizedAndExported)
{
    io::writeFileAtomically(m_folder / "m.onnx", cacheModel());
    array("past.npy", {3, 0, 4});
    array("x.npy", {3, 2, 4});
    io::writeFileAtomically(m_folder / "d.json",
                            R"({"format":"noisefloor-data/1","inputs":[
                                {"name":"past","path":"past.npy","kind":"npy"},
                                {"name":"x","path":"x.npy","kind":"npy"}]})");
    ASSERT_EQ(exitCodeOf("run m.onnx --data d.json --report r.json"), 0) << said();
    const Json json = report();
    ASSERT_EQ(json.at("outputs").size(), 2U);
    EXPECT_GT(json.at("outputs").at(0).at("sqnr_db").get<double>(), 25.0);
    EXPECT_EQ(exitCodeOf("export m.onnx --data d.json --format qdq --output q.onnx"), 0) << said();
    EXPECT_EQ(exitCodeOf("verify m.onnx --data d.json --format qdq --input q.onnx"), 0) << said();
    EXPECT_EQ(exitCodeOf("diagnose m.onnx --data d.json"), 0) << said();
}

TEST_F(ZeroLengthRun, WhereNothingIsLeftToMeasureItIsSaid)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 0, 4, 4});
    writer.output("y", core::DataType::Float32, {1, 0, 4, 4});
    writer.node("Relu", "act", {"x"}, {"y"});
    io::writeFileAtomically(m_folder / "none.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("run none.onnx --samples 2 --report r.json"), 0) << said();
    EXPECT_THAT(io::readFile(m_folder / "out.txt"), HasSubstr("warning: nothing to measure"));
    EXPECT_EQ(exitCodeOf("run none.onnx --samples 2 --fail-if 'output.sqnr_db<30'"),
              2); // no output to compare
    for (const char* command : {"diagnose", "sensitivity", "methods"}) {
        EXPECT_THAT(exitCodeOf(std::string(command) + " none.onnx --samples 2"), testing::AnyOf(0, 2))
            << said();
    }
}

} // namespace
