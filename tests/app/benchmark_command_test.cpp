#include "io/files/file.h"
#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

std::string benchmarkSample(const char* name)
{
    return support::projectFile(std::string("resources/sample/") + name).string();
}

std::size_t occurrences(const std::string& text, const std::string& what)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST(BenchmarkCommand, PutsSeveralNetworksSideBySide)
{
    const auto json = support::temporaryFolder() / "benchmark.json";
    const auto html = support::temporaryFolder() / "benchmark.html";
    const auto report = support::temporaryFolder() / "benchmark_run.json";
    const auto result = io::runProcess(
        {NOISEFLOOR_CLI, "benchmark", benchmarkSample("digits.onnx"), benchmarkSample("digits.onnx"),
         "--data", benchmarkSample("sample.data.json"), benchmarkSample("sample.data.json"), "--samples",
         "20", "--repetitions", "3", "--json", json.string(), "--html", html.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    ASSERT_EQ(
        io::runProcess({NOISEFLOOR_CLI, "run", benchmarkSample("digits.onnx"), "--data",
                        benchmarkSample("sample.data.json"), "--samples", "20", "--report", report.string()})
            .exitCode,
        0);
    const auto written = nlohmann::json::parse(io::readFile(json));
    const auto run = nlohmann::json::parse(io::readFile(report));
    ASSERT_EQ(written["models"].size(), 2U);
    for (const auto& model : written["models"]) {
        EXPECT_EQ(model["accuracy"]["fp32"], run["accuracy"]["fp32"]);
        EXPECT_EQ(model["accuracy"]["quantized"]["top1"], run["accuracy"]["quantized"]["top1"]);
        EXPECT_GT(model["operators"]["unfused"], model["operators"]["fused"]);
        const auto& times = model["ms_per_sample"];
        EXPECT_DOUBLE_EQ(model["speed"]["quantized_over_fused"].get<double>(),
                         times["fp32_fused"]["median"].get<double>()
                             / times["quantized"]["median"].get<double>());
    }
    const std::string page = io::readFile(html);
    EXPECT_EQ(occurrences(page, "<svg"), 2U);
    EXPECT_EQ(occurrences(page, "<rect"), 10U); // two of accuracy and three of speed for each network
}

TEST(BenchmarkCommand, RefusesDataThatDoNotMatchTheNetworks)
{
    const auto result =
        io::runProcess({NOISEFLOOR_CLI, "benchmark", benchmarkSample("digits.onnx"),
                        benchmarkSample("digits.onnx"), "--data", benchmarkSample("sample.data.json")});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_NE(result.err.find("one for each"), std::string::npos) << result.err;
}

// What is converted is a part of what the quantized network takes; all of an input is conversion.
TEST(RunCommand, PricesConversions)
{
    const auto report = support::temporaryFolder() / "conversion.json";
    const auto result =
        io::runProcess({NOISEFLOOR_CLI, "run", benchmarkSample("digits.onnx"), "--data",
                        benchmarkSample("sample.data.json"), "--samples", "4", "--report", report.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    EXPECT_NE(result.out.find("dequantize"), std::string::npos);
    const auto json = nlohmann::json::parse(io::readFile(report));
    double all = 0.0;
    double quantize = 0.0;
    for (const auto& op : json["operators"]) {
        const auto& time = op["time_us"];
        all += time["quantized"].get<double>();
        quantize += time["quantize"].get<double>();
        EXPECT_LE(time["quantize"].get<double>() + time["dequantize"].get<double>()
                      + time["requantize"].get<double>(),
                  time["quantized"].get<double>());
    }
    EXPECT_GT(json["operators"][0]["time_us"]["quantize"].get<double>(), 0.0);
    EXPECT_NEAR(json["timing"]["conversion_percent"]["quantize"].get<double>(), 100.0 * quantize / all, 1e-6);
}

} // namespace
