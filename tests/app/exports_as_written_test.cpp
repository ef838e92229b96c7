#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/support/shared_files.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

// What verify runs of an export is what the file says.

namespace {

namespace fs = std::filesystem;

core::Tensor waves(core::Shape shape, int seed)
{
    std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(std::sin(static_cast<double>(i) * 12.9898 + seed));
    }
    return core::makeTensor<float>(std::move(shape), std::span<const float>(values));
}

class ExportsAsWritten : public testing::Test
{
protected:
    const fs::path m_folder = support::temporaryFolder() / "as_written";

    ExportsAsWritten() { fs::create_directories(m_folder); }

    [[nodiscard]] int exitCodeOf(const std::string& arguments) const
    {
        const std::string command =
            fmt::format("cd '{}'; '{}' {} >out.txt 2>err.txt", m_folder.string(), NOISEFLOOR_CLI, arguments);
        const int status = std::system(command.c_str());
        return WIFEXITED(status) && WEXITSTATUS(status) < 128 ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] std::string text(const char* name) const { return io::readFile(m_folder / name); }
};

TEST_F(ExportsAsWritten, GatesOfAnLstmRunInFp32AsTheFileHasThem)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {5, 1, 3});
    writer.output("y", core::DataType::Float32, {5, 1, 1, 4});
    writer.initializer("w", waves({1, 16, 3}, 1));
    writer.initializer("r", waves({1, 16, 4}, 2));
    writer.node("LSTM", "lstm", {"x", "w", "r"}, {"y"}, {{"hidden_size", std::int64_t{4}}});
    io::writeFileAtomically(m_folder / "lstm.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("export lstm.onnx --format qdq --output q.onnx"), 0) << text("err.txt");
    (void)exitCodeOf("verify lstm.onnx --format qdq --input q.onnx");
    EXPECT_EQ(text("out.txt").find("as written, 16 samples: y equal"), std::string::npos) << text("out.txt");
    ASSERT_EQ(exitCodeOf("run q.onnx --report r.json"), 0) << text("err.txt");
    EXPECT_NE(text("r.json").find("runs in FP32 between the DequantizeLinear"), std::string::npos);
}

TEST_F(ExportsAsWritten, AFloatOperatorsCodesAreThoseThatItsReaderIsGiven)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 2, 6, 6});
    writer.output("y", core::DataType::Float32, {1, 2, 3, 3});
    writer.output("i", core::DataType::Int64, {1, 2, 3, 3});
    writer.initializer("w", waves({2, 2, 1, 1}, 3));
    writer.node(
        "MaxPool", "pool", {"x"}, {"p", "i"},
        {{"kernel_shape", std::vector<std::int64_t>{2, 2}}, {"strides", std::vector<std::int64_t>{2, 2}}});
    writer.node("Conv", "conv", {"p", "w"}, {"y"});
    io::writeFileAtomically(m_folder / "pool.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("export pool.onnx --format qdq --output q.onnx"), 0) << text("err.txt");
    EXPECT_EQ(exitCodeOf("verify pool.onnx --format qdq --input q.onnx"), 0) << text("err.txt");
    // The import's own plan reads back as itself.
    ASSERT_EQ(exitCodeOf("export q.onnx --format plan --output p.json"), 0) << text("err.txt");
    EXPECT_EQ(exitCodeOf("verify q.onnx --format plan --input p.json"), 0) << text("err.txt");
}

TEST_F(ExportsAsWritten, WithoutOnnxRuntimeNothingIsCalledVerified)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 4});
    writer.output("y", core::DataType::Float32, {1, 3});
    writer.initializer("w", waves({4, 3}, 4));
    writer.node("MatMul", "product", {"x", "w"}, {"y"});
    io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("export m.onnx --format qdq --output q.onnx"), 0) << text("err.txt");
    const char* found = std::getenv("NOISEFLOOR_ONNXRUNTIME");
    const std::string folder = found ? found : "";
    ::setenv("NOISEFLOOR_ONNXRUNTIME", m_folder.c_str(), 1); // where it is not
    (void)exitCodeOf("verify m.onnx --format qdq --input q.onnx");
    found ? ::setenv("NOISEFLOOR_ONNXRUNTIME", folder.c_str(), 1) : ::unsetenv("NOISEFLOOR_ONNXRUNTIME");
    EXPECT_TRUE(text("out.txt").ends_with("q.onnx: not verified against ONNX Runtime\n")) << text("out.txt");
}

TEST_F(ExportsAsWritten, HelpAloneListsItsSubjects)
{
    EXPECT_EQ(exitCodeOf("help"), 0);
    EXPECT_NE(text("out.txt").find("Every key of a plan"), std::string::npos) << text("out.txt");
}

/// Nothing is quantized here, so that our engine reads the file as a plain model: its fusion takes the second
/// sum into the product, where the plan kept it apart.
TEST_F(ExportsAsWritten, ASumBehindABiasStandsApartAsThePlanHasIt)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 3, 4});
    writer.output("y", core::DataType::Float32, {1, 3, 4});
    writer.initializer("w", waves({4, 4}, 1));
    writer.initializer("b", waves({4}, 2));
    writer.node("MatMul", "product", {"x", "w"}, {"p"});
    writer.node("Add", "bias", {"p", "b"}, {"q"});
    writer.node("Add", "sum", {"q", "x"}, {"y"});
    io::writeFileAtomically(m_folder / "sum.onnx", writer.finish("graph", 13));
    const std::string plan = "--set precision=fp32";
    ASSERT_EQ(exitCodeOf("export sum.onnx --format qdq --output q.onnx " + plan), 0) << text("err.txt");
    (void)exitCodeOf("verify sum.onnx --format qdq --input q.onnx " + plan);
    EXPECT_EQ(text("err.txt").find("has no tensor"), std::string::npos) << text("err.txt");
    EXPECT_NE(text("out.txt").find("as written, 16 samples: y equal"), std::string::npos) << text("out.txt");
}

TEST_F(ExportsAsWritten, ASoftmaxOfAnInputHasNoLogits)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 4});
    writer.input("x1", core::DataType::Float32, {1, 4});
    writer.output("y", core::DataType::Float32, {1, 4});
    writer.output("y1", core::DataType::Float32, {1, 4});
    writer.node("Softmax", "softmax", {"x"}, {"y"});
    writer.node("Mul", "square", {"x1", "x1"}, {"y1"});
    io::writeFileAtomically(m_folder / "softmax.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("export softmax.onnx --format qdq --output q.onnx"), 0) << text("err.txt");
    EXPECT_EQ(exitCodeOf("verify softmax.onnx --format qdq --input q.onnx"), 0) << text("err.txt");
    EXPECT_EQ(text("err.txt").find("has no tensor"), std::string::npos) << text("err.txt");
    EXPECT_NE(text("out.txt").find("as written, 16 samples: y equal, y1 equal"), std::string::npos)
        << text("out.txt");
}

/// An LSTM in FP32 whose codes only a Squeeze reads: no operator of integers gives them their params.
TEST_F(ExportsAsWritten, CodesBetweenTwoFloatOperatorsAreTheFiles)
{
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {5, 1, 3});
    writer.output("y", core::DataType::Float32, {5, 1, 4});
    writer.initializer("w", waves({1, 16, 3}, 1));
    writer.initializer("r", waves({1, 16, 4}, 2));
    writer.initializer("b", waves({1, 32}, 4));
    writer.initializer("f", waves({4, 4}, 3));
    const std::array<std::int64_t, 1> axes{1};
    writer.initializer("axes", core::makeTensor<std::int64_t>({1}, axes));
    writer.node("LSTM", "lstm", {"x", "w", "r", "b"}, {"h", "last", "cell"},
                {{"hidden_size", std::int64_t{4}}});
    writer.node("Squeeze", "squeeze", {"h", "axes"}, {"s"});
    writer.node("MatMul", "product", {"s", "f"}, {"y"});
    io::writeFileAtomically(m_folder / "lstm.onnx", writer.finish("graph", 13));
    ASSERT_EQ(exitCodeOf("export lstm.onnx --format qdq --output q.onnx"), 0) << text("err.txt");
    (void)exitCodeOf("verify lstm.onnx --format qdq --input q.onnx");
    EXPECT_EQ(text("err.txt").find("has no tensor"), std::string::npos) << text("err.txt");
}

} // namespace
