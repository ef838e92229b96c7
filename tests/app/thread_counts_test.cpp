#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

// Sums over samples are made in the order of the samples, however many threads there are and whichever comes
// first.

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kSamples = 70; // more than threads

std::vector<float> numbers(std::size_t count, int seed)
{
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<float>(std::sin(static_cast<double>(i) * 12.9898 + seed) * 1.7);
    }
    return values;
}

core::Tensor tensor(core::Shape shape, int seed)
{
    const auto values = numbers(static_cast<std::size_t>(core::elementCount(shape)), seed);
    return core::makeTensor<float>(std::move(shape), std::span<const float>(values));
}

/// Times and the number of threads are what a report holds beside its results.
void dropTimes(Json& json)
{
    if (json.is_object()) {
        for (auto it = json.begin(); it != json.end();) {
            const bool isTime = it.key() == "threads" || it.key() == "timing"
                || it.key().find("microseconds") != std::string::npos
                || it.key().find("seconds") != std::string::npos
                || it.key().find("time") != std::string::npos;
            it = isTime ? json.erase(it) : std::next(it);
        }
    }
    if (json.is_structured()) {
        for (Json& child : json) {
            dropTimes(child);
        }
    }
}

class ThreadCounts : public testing::Test
{
protected:
    ThreadCounts()
        : m_folder(support::temporaryFolder() / "threads")
    {
        fs::create_directories(m_folder);
        io::OnnxWriter writer;
        writer.input("x", core::DataType::Float32, {1, 3, 8, 8});
        writer.output("y", core::DataType::Float32, {1, 6, 8, 8});
        writer.initializer("w1", tensor({6, 3, 1, 1}, 1));
        writer.initializer("w2", tensor({6, 6, 1, 1}, 2));
        writer.node("Conv", "first", {"x", "w1"}, {"a"});
        writer.node("Relu", "relu", {"a"}, {"b"});
        writer.node("Conv", "second", {"b", "w2"}, {"c"});
        writer.node("Sigmoid", "sigmoid", {"c"}, {"y"});
        io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 13));
        io::writeFileAtomically(m_folder / "x.npy", io::tensorToNpy(tensor({kSamples, 3, 8, 8}, 3)));
    }

    /// Content of `output` as the command writes it with so many threads.
    std::string written(const std::string& command, const std::string& output, int threads) const
    {
        const std::string line =
            fmt::format("cd '{}'; rm -f {}; '{}' {} --data x.npy --quiet --threads {} 2>err.txt",
                        m_folder.string(), output, NOISEFLOOR_CLI, command, threads);
        const int status = std::system(line.c_str());
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
            << line << io::readFile(m_folder / "err.txt");
        const std::string content = io::readFile(m_folder / output);
        if (!output.ends_with(".json")) {
            return content;
        }
        Json json = Json::parse(content);
        dropTimes(json);
        return json.dump(1);
    }

    void expectSameBytes(const std::string& command, const std::string& output) const
    {
        const std::string one = written(command, output, 1);
        EXPECT_GT(one.size(), 100u);
        for (const int threads : {3, 8, 64}) {
            EXPECT_EQ(written(command, output, threads), one) << command << ", " << threads << " threads";
        }
    }

    const fs::path m_folder;
};

TEST_F(ThreadCounts, DoNotChangeAReport)
{
    expectSameBytes("run m.onnx --report report.json", "report.json");
    expectSameBytes("run m.onnx --set activation.method=entropy --report report.json", "report.json");
}

TEST_F(ThreadCounts, DoNotChangeThresholds)
{
    expectSameBytes("calibrate m.onnx --methods all --thresholds thresholds.json", "thresholds.json");
}

TEST_F(ThreadCounts, DoNotChangeAPlan)
{
    expectSameBytes("search m.onnx --target-sqnr 30 --output plan.json", "plan.json");
}

TEST_F(ThreadCounts, DoNotChangeAnExport)
{
    expectSameBytes("export m.onnx --set activation.method=percentile --format qdq --output export.onnx",
                    "export.onnx");
    expectSameBytes("export m.onnx --format caffe2 --output export.txt", "export.txt");
}

} // namespace
