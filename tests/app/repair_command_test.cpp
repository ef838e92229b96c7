#include "io/files/file.h"
#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

const std::string kModel = support::projectFile("resources/sample/digits.onnx").string();
const std::string kData = support::projectFile("resources/sample/sample.data.json").string();
const std::string kPlan = support::projectFile("resources/sample/sample.plan.json").string();

io::ProcessResult repair(const std::vector<std::string>& more)
{
    std::vector<std::string> words{NOISEFLOOR_CLI, "repair", kModel,      "--data", kData,
                                   "--plan",       kPlan,    "--samples", "48"};
    words.insert(words.end(), more.begin(), more.end());
    return io::runProcess(words);
}

// The sample's weights per tensor are what equalization is for: no weight needs a scale of its own then.
TEST(RepairCommand, MeasuresBeforeAndAfterAndWritesThatPlan)
{
    const auto plan = support::temporaryFolder() / "repaired.json";
    const auto json = support::temporaryFolder() / "repair.json";
    const auto result =
        repair({"--apply", "equalize,bias-correction", "--output", plan.string(), "--json", json.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const auto outcome = nlohmann::json::parse(io::readFile(json));
    EXPECT_EQ(outcome["format"], "noisefloor-repair/1");
    EXPECT_EQ(outcome["after"]["samples"], 48);
    EXPECT_GT(outcome["after"]["sqnr_db"].get<double>(), outcome["before"]["sqnr_db"].get<double>() + 15.0);
    EXPECT_GT(outcome["after"]["top1"].get<double>(), outcome["before"]["top1"].get<double>() + 30.0);
    const auto report = support::temporaryFolder() / "repaired_report.json";
    const auto run = io::runProcess({NOISEFLOOR_CLI, "run", kModel, "--data", kData, "--plan", plan.string(),
                                     "--samples", "48", "--quiet", "--report", report.string()});
    ASSERT_EQ(run.exitCode, 0) << run.err;
    const auto written = nlohmann::json::parse(io::readFile(report));
    EXPECT_EQ(written["accuracy"]["quantized"]["top1"], outcome["after"]["top1"]);
    EXPECT_EQ(written["plan"], outcome["plan"]);
}

TEST(RepairCommand, WhatIsLearntComesFromCalibrationSamplesAndSaysHowMany)
{
    const auto json = support::temporaryFolder() / "learnt.json";
    const auto result =
        repair({"--apply", "empirical-bias", "--calibration-samples", "8", "--json", json.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    EXPECT_THAT(result.out, testing::HasSubstr("learnt from 8 calibration samples"));
    const auto outcome = nlohmann::json::parse(io::readFile(json));
    EXPECT_EQ(outcome["calibration_samples"], 8);
    EXPECT_GT(outcome["after"]["sqnr_db"].get<double>(), outcome["before"]["sqnr_db"].get<double>() + 3.0);
}

TEST(RepairCommand, RefusesWhatItDoesNotKnow)
{
    const auto result = repair({"--apply", "equalise"});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_THAT(result.err, testing::HasSubstr("did you mean 'equalize'"));
    const auto unknown = repair({"--apply", "equalize", "--operators", "block9"});
    EXPECT_EQ(unknown.exitCode, 2);
    EXPECT_THAT(unknown.err, testing::HasSubstr("block9"));
}

} // namespace
