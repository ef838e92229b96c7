#include "app/cli/fail_if.h"
#include "core/base/error.h"
#include "core/metrics/metric_report.h"
#include "io/files/file.h"
#include "io/files/process.h"
#include "io/reports/check_reports.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

/// A shared data description with a metric of its own, in a folder of the test.
std::filesystem::path described(const std::filesystem::path& shared, const json& metric)
{
    json description = json::parse(io::readFile(shared));
    for (json& input : description["inputs"]) {
        if (input.contains("path")) {
            input["path"] = (shared.parent_path() / input["path"].get<std::string>()).string();
        }
    }
    for (const char* part : {"labels", "calibration"}) {
        if (description.contains(part) && description[part].contains("path")) {
            json& path = description[part]["path"];
            path = (shared.parent_path() / path.get<std::string>()).string();
        }
    }
    description["metric"] = metric;
    const auto file = support::temporaryFolder() / "described.data.json";
    io::writeFileAtomically(file, description.dump());
    return file;
}

TEST(MetricRun, FacesAgainstFp32AreHeldAgainstABound)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/ultraface/Ultraface.version-RFB-320.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/ultraface_rfb320.data.json");
    const auto folder = support::temporaryFolder();
    const auto description = described(
        data, {{"kind", "map"}, {"boxes", "boxes"}, {"scores", "scores"}, {"background", 0}, {"nms", 0.5}});
    const auto result =
        io::runProcess({NOISEFLOOR_CLI, "run", model.string(), "--data", description.string(), "--report",
                        (folder / "r.json").string(), "--fail-if", "map_drop.upper>1", "--junit",
                        (folder / "j.xml").string(), "--sarif", (folder / "s.json").string(), "--markdown",
                        (folder / "m.md").string()});
    EXPECT_EQ(result.exitCode, 1) << result.err;
    const json metric = json::parse(io::readFile(folder / "r.json"))["metric"];
    EXPECT_EQ(metric["truth"], "fp32");
    EXPECT_NE(result.out.find("  worst samples: "), std::string::npos) << result.out;
    EXPECT_NEAR(metric["fp32"]["value"].get<double>(), 100.0, 1e-9); // FP32 agrees with itself
    EXPECT_LT(metric["quantized"]["value"].get<double>(), 100.0);
    const json drop = metric["drop"];
    EXPECT_NEAR(drop["value"].get<double>(), 100.0 - metric["quantized"]["value"].get<double>(), 1e-9);
    EXPECT_LE(drop["interval"]["lower"], drop["value"]);
    EXPECT_GE(drop["interval"]["upper"], drop["value"]);
    EXPECT_EQ(drop["interval"]["n"], 4);
    EXPECT_NE(io::readFile(folder / "j.xml").find("failures=\"1\""), std::string::npos);
    const json sarif = json::parse(io::readFile(folder / "s.json"));
    EXPECT_EQ(sarif["version"], "2.1.0");
    EXPECT_EQ(sarif["runs"][0]["results"].size(), 1U);
    EXPECT_NE(io::readFile(folder / "m.md").find("map_drop.upper>1"), std::string::npos);
}

TEST(MetricRun, OffersAMetricThatFits)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/ultraface/Ultraface.version-RFB-320.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/ultraface_rfb320.data.json");
    const auto result = io::runProcess({NOISEFLOOR_CLI, "run", model.string(), "--data", data.string()});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    EXPECT_NE(result.out.find(R"(a metric that fits: "metric": {"kind": "map", "boxes": "boxes")"),
              std::string::npos)
        << result.out;
}

TEST(MetricRun, RefusesACommandAndWhatItDoesNotKnow)
{
    const std::string model = support::projectFile("resources/sample/digits.onnx").string();
    const auto sample = support::projectFile("resources/sample/sample.data.json");
    const auto refused = [&](const json& metric, const std::string& words) {
        const auto file = described(sample, metric);
        const auto result = io::runProcess({NOISEFLOOR_CLI, "run", model, "--data", file.string()});
        EXPECT_EQ(result.exitCode, 2);
        EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
        EXPECT_NE(result.err.find("described.data.json: metric"), std::string::npos) << result.err;
    };
    refused({{"kind", "command"}, {"command", {"true"}}}, "starts no program");
    refused({{"kind", "mapp"}}, "'mapp' is unknown");
    refused({{"kind", "topk"}, {"boxes", "a"}}, "unknown key 'boxes'");
    refused({{"kind", "map"}, {"boxes", "a"}}, "'scores' is missing");
    refused({{"kind", "cer"}, {"labels", "texts.csv"}}, "'alphabet' is missing");
}

core::Report reportWithMetric()
{
    core::Report report;
    report.modelFile = "a<b>.onnx";
    core::MetricReport metric;
    metric.info = {"map", "mAP", "%"};
    metric.fp32.value = 40.0;
    metric.quantized = {38.5, core::ConfidenceInterval{36.0, 41.0, "bca bootstrap", 100}};
    metric.drop = {1.5, core::ConfidenceInterval{-0.5, 3.5, "paired bca bootstrap", 100}};
    report.metric = std::make_shared<const core::MetricReport>(metric);
    report.accuracy = core::Accuracy{100, true, {60.0, 80.0}, {57.5, 79.0}, 95.0, 0};
    return report;
}

TEST(MetricRun, FailIfKnowsTheMetricAndTheEndsOfItsInterval)
{
    const core::Report report = reportWithMetric();
    const auto says = [&](const std::string& text) { return cli::holds(cli::parseFailIf(text), report); };
    EXPECT_TRUE(says("map_drop == 1.5 and metric_drop == 1.5 and map == 38.5 and metric == 38.5"));
    EXPECT_TRUE(says("map_drop.upper == 3.5 and map_drop.lower == -0.5 and map.lower == 36"));
    EXPECT_TRUE(says("top1_drop == 2.5"));
    EXPECT_THROW((void)says("top1_drop.upper > 1"), core::Error); // no interval in this report
    EXPECT_THROW((void)says("cer_drop > 1"), core::Error);
    EXPECT_THROW((void)cli::holds(cli::parseFailIf("metric_drop > 1"), core::Report{}), core::Error);
}

TEST(MetricRun, ChecksAreWrittenForServers)
{
    const core::Report report = reportWithMetric();
    const auto checks = cli::checkedConditions(cli::parseFailIf("map_drop.upper>1 or top1_drop>9"), report);
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_TRUE(checks[0].isMet);
    EXPECT_FALSE(checks[1].isMet);
    const std::string junit = io::checksToJunit(report, checks);
    EXPECT_NE(junit.find("tests=\"2\" failures=\"1\""), std::string::npos);
    EXPECT_NE(junit.find("a&lt;b&gt;.onnx"), std::string::npos);
    EXPECT_EQ(json::parse(io::checksToSarif(report, checks))["runs"][0]["results"].size(), 1U);
    EXPECT_NE(io::reportToMarkdown(report, checks).find("| mAP | 40.00 % | 38.50 % | 1.50 points"),
              std::string::npos);
}

} // namespace
