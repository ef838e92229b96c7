#include "io/files/file.h"
#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

TEST(DiagnoseCommand, NamesTheFaultOfTheSampleAndWritesAPlanThatIsBetter)
{
    const std::string model = support::projectFile("resources/sample/digits.onnx").string();
    const std::string data = support::projectFile("resources/sample/sample.data.json").string();
    const std::string plan = support::projectFile("resources/sample/sample.plan.json").string();
    const auto json = support::temporaryFolder() / "diagnosis.json";
    const auto fixed = support::temporaryFolder() / "fixed.json";
    const auto result =
        io::runProcess({NOISEFLOOR_CLI, "diagnose", model, "--data", data, "--plan", plan, "--samples", "24",
                        "--json", json.string(), "--fix-plan", fixed.string()});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const auto diagnosis = nlohmann::json::parse(io::readFile(json));
    EXPECT_EQ(diagnosis["format"], "noisefloor-diagnosis/1");
    ASSERT_FALSE(diagnosis["findings"].empty());
    const auto& worst = diagnosis["findings"][0];
    EXPECT_GT(worst["severity"].get<double>(), 0.2);
    EXPECT_GE(worst["proofs"].size(), 2U);
    EXPECT_TRUE(worst["fixes"][0]["recommended"].get<bool>() || worst["fixes"].size() > 1);
    EXPECT_NE(result.out.find(worst["explanation"].get<std::string>()), std::string::npos);
    EXPECT_NE(result.out.find("error by factor (4 samples"), std::string::npos);
    EXPECT_NE(result.out.find("+ output rounding"), std::string::npos);

    // What the plan with the fixes does is what the diagnosis says it does.
    const auto report = support::temporaryFolder() / "report.json";
    const auto again = io::runProcess({NOISEFLOOR_CLI, "run", model, "--data", data, "--plan", fixed.string(),
                                       "--samples", "24", "--report", report.string(), "--quiet"});
    ASSERT_EQ(again.exitCode, 0) << again.err;
    const double before = diagnosis["output"]["sqnr_db"].get<double>();
    const double after = diagnosis["fixed"]["output"]["sqnr_db"].get<double>();
    EXPECT_GT(after, before + 3.0);
    const auto written = nlohmann::json::parse(io::readFile(report));
    bool isThere = false;
    for (const auto& output : written["outputs"]) {
        isThere = isThere || std::abs(output["sqnr_db"].get<double>() - after) < 1e-9;
    }
    EXPECT_TRUE(isThere) << written["outputs"].dump();
}

} // namespace
