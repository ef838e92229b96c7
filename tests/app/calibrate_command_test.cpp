#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

struct Outcome
{
    int exitCode = -1;
    std::string output;
    std::string errors;
};

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

class CalibrateCommand : public testing::Test
{
protected:
    const fs::path folder = support::temporaryFolder();
    const std::string project = quoted(support::projectFile("resources/sample/digits.onnx")) + " --data "
        + quoted(support::projectFile("resources/sample/sample.data.json")) + " --samples 16 ";

    /// The command with the user's own settings out of the way.
    [[nodiscard]] Outcome run(const std::string& arguments) const
    {
        const fs::path out = folder / "calibrate_out.txt";
        const fs::path err = folder / "calibrate_err.txt";
        const std::string command = "unset NOISEFLOOR_SETTINGS; XDG_CONFIG_HOME=" + quoted(folder / "empty")
            + " '" + NOISEFLOOR_CLI + "' " + arguments + " >" + quoted(out) + " 2>" + quoted(err);
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::readFile(out), io::readFile(err)};
    }

    [[nodiscard]] Json thresholds(const std::string& arguments) const
    {
        const fs::path file = folder / "thresholds_of_methods.json";
        const Outcome outcome = run("calibrate " + project + arguments + " --thresholds " + quoted(file));
        EXPECT_EQ(outcome.exitCode, 0) << outcome.errors;
        return Json::parse(io::readFile(file));
    }

    [[nodiscard]] fs::path settings(const std::string& script) const
    {
        const fs::path file = folder / "collectors.json";
        const Json json{
            {"format", "noisefloor-settings/1"},
            {"collectors",
             {{"commands", {{"mine", {{"command", {"/bin/sh", "-c", script}}, {"help", "from a test"}}}}}}}};
        io::writeFileAtomically(file, json.dump());
        return file;
    }
};

TEST_F(CalibrateCommand, GivesCountsAndWeightsBesideThresholds)
{
    const Json json = thresholds("--methods minmax,l2,moving-average:0.1,entropy:ort:128 --channels image");
    const Json& image = json["tensors"]["image"];
    EXPECT_EQ(image["nans"], 0);
    EXPECT_EQ(image["infinities"], 0);
    EXPECT_GT(image["zero_share"].get<double>(), 0.0);
    EXPECT_EQ(image["channels"].size(), 1u);
    EXPECT_LE(image["methods"]["moving-average:0.1"]["range"][1], image["methods"]["minmax"]["range"][1]);
    EXPECT_FALSE(json["weights"].empty());
    EXPECT_TRUE(json["weights"].begin()->contains("methods"));
    EXPECT_THAT(json["warnings"].dump(), HasSubstr("entropy:ort:128"));
}

TEST_F(CalibrateCommand, ComparesTheWholeNetworkByMethodStaticAndDynamic)
{
    const Json json = thresholds("--methods minmax,dynamic --accuracy");
    EXPECT_TRUE(json["accuracy"]["fp32"].contains("top1"));
    EXPECT_GT(json["accuracy"]["minmax"]["top1_agreement"], 50.0);
    EXPECT_GT(json["accuracy"]["dynamic"]["top1_agreement"], 50.0);
    // The zero point is rounded for each sample anew, which clips up to half a step; the range itself clips
    // nothing.
    const Json& dynamic = json["tensors"]["image"]["methods"]["dynamic"];
    EXPECT_GT(dynamic["sqnr_db"], 30.0);
    EXPECT_LE(dynamic["range"][1], json["tensors"]["image"]["max"]);
}

TEST_F(CalibrateCommand, AForeignPlanCannotBringACollectorIn)
{
    const Outcome outcome = run("run " + project + "--set activation.method=custom:mine");
    EXPECT_EQ(outcome.exitCode, 2);
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("'mine'"), HasSubstr("not registered")));
}

TEST_F(CalibrateCommand, AsksARegisteredCommandForEveryTensor)
{
    const fs::path file = settings("echo '{\"range\": [-2.5, 3]}'");
    const Json json = thresholds("--methods custom:mine --collectors " + quoted(file));
    EXPECT_EQ(json["tensors"]["image"]["methods"]["custom:mine"]["range"], Json({-2.5, 3.0}));
    const fs::path report = folder / "custom_report.json";
    const Outcome outcome = run("run " + project + "--set activation.method=custom:mine --collectors "
                                + quoted(file) + " --report " + quoted(report));
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    EXPECT_EQ(Json::parse(io::readFile(report))["operators"][0]["activation"]["method"], "custom:mine");
    EXPECT_THAT(run("list-methods --collectors " + quoted(file)).output,
                AllOf(HasSubstr("custom:mine"), HasSubstr("from a test"), HasSubstr("entropy:paddle")));
}

TEST_F(CalibrateCommand, ACommandThatFailsIsNamedWithItsTensor)
{
    const Outcome outcome = run("run " + project + "--set activation.method=custom:mine --collectors "
                                + quoted(settings("echo oops; exit 0")));
    EXPECT_EQ(outcome.exitCode, 3);
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("'mine'"), HasSubstr("image"), HasSubstr("oops")));
}

TEST_F(CalibrateCommand, ObserverFilesComeBackAsAPlan)
{
    for (const std::string form : {"minmax", "histogram"}) {
        const fs::path observers = folder / (form + ".txt");
        ASSERT_EQ(run("calibrate " + project + "--methods minmax --observer-file " + quoted(observers)
                      + " --observer-form " + form)
                      .exitCode,
                  0);
        const fs::path plan = folder / "imported.json";
        const Outcome imported = run("import-ranges " + project + "--observer-file " + quoted(observers)
                                     + " --output " + quoted(plan));
        ASSERT_EQ(imported.exitCode, 0) << imported.errors;
        // The same ranges as min-max of the same data, so the same result.
        const fs::path first = folder / "imported_report.json";
        const fs::path second = folder / "minmax_report.json";
        ASSERT_EQ(run("run " + project + "--plan " + quoted(plan) + " --report " + quoted(first)).exitCode,
                  0);
        ASSERT_EQ(run("run " + project + "--report " + quoted(second)).exitCode, 0);
        EXPECT_EQ(Json::parse(io::readFile(first))["outputs"], Json::parse(io::readFile(second))["outputs"])
            << form;
    }
    const fs::path foreign = folder / "foreign.txt";
    io::writeFileAtomically(foreign, "0 Conv 0 another_model -1 1\n");
    const Outcome refused = run("import-ranges " + project + "--observer-file " + quoted(foreign)
                                + " --output " + quoted(folder / "none.json"));
    EXPECT_EQ(refused.exitCode, 3);
    EXPECT_THAT(refused.errors, HasSubstr("foreign.txt"));
}

} // namespace
