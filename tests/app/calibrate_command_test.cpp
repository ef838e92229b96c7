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

TEST_F(CalibrateCommand, SaysHowAnEntropySearchWent)
{
    const Json image =
        thresholds("--methods minmax,entropy:mxnet,entropy:mxnet:4001")["tensors"]["image"]["methods"];
    EXPECT_FALSE(image["minmax"].contains("divergence"));
    // Windows grow by a bin on either side, from as many bins as levels (511 for what is never negative), and
    // later samples add bins to those of the first.
    EXPECT_GE(image["entropy:mxnet"]["candidates"].get<int>(), (8001 - 511) / 2 + 1);
    EXPECT_GE(image["entropy:mxnet:4001"]["candidates"].get<int>(), (4001 - 511) / 2 + 1);
    EXPECT_LT(image["entropy:mxnet:4001"]["candidates"], image["entropy:mxnet"]["candidates"]);
    EXPECT_GE(image["entropy:mxnet"]["divergence"].get<double>(), 0.0);
    EXPECT_TRUE(image["entropy:mxnet"]["infinite_candidates"].is_number());
}

TEST_F(CalibrateCommand, CalibratesOnTheFirstSamplesOnly)
{
    const Json four = thresholds("--methods minmax --calibration-samples 4");
    const Json two = thresholds("--methods minmax --calibration-samples 2");
    EXPECT_EQ(four["samples"], 4);
    EXPECT_EQ(two["tensors"]["image"]["count"].get<int>() * 2, four["tensors"]["image"]["count"].get<int>());
    EXPECT_EQ(run("calibrate " + project + "--calibration-samples 1000000").exitCode, 2);
}

TEST_F(CalibrateCommand, BareNumbersBecomeParams)
{
    // scale = (3 − −1) / 255, zero point = 1 / scale = 63.75.
    EXPECT_EQ(run("params --min -1 --max 3").output, "scale 0.015686275 zero_point 64 codes 0 … 255\n");
    // 4 / 15; 1 / scale = 3.75.
    EXPECT_THAT(run("params --min -1 --max 3 --set activation.bits=4").output,
                HasSubstr("zero_point 4 codes 0 … 15"));
    // max / 127; −127 … 127.
    EXPECT_EQ(run("params --min -127 --max 63.5 --weights").output,
              "scale 1 zero_point 0 codes -127 … 127\n");
    EXPECT_THAT(run("params --min -127 --max 128 --set activation.convention=mxnet").output,
                HasSubstr("zero_point 0"));
    EXPECT_EQ(run("params --min 3 --max 1").exitCode, 2);
}

TEST_F(CalibrateCommand, SelectorsSetWhatTheyPick)
{
    const fs::path report = folder / "selected.json";
    const Outcome outcome =
        run("run " + project + "--set 'type:Conv::precision=fp32' --report " + quoted(report));
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    const Json json = Json::parse(io::readFile(report));
    int convolutions = 0;
    for (const Json& layer : json["operators"]) {
        const bool isConvolution = layer["type"] == "Conv";
        EXPECT_EQ(layer["precision"]["requested"] == "fp32", isConvolution) << layer["name"];
        convolutions += isConvolution ? 1 : 0;
    }
    EXPECT_GT(convolutions, 0);
    EXPECT_TRUE(json["plan"]["operators"].contains("type:Conv"));
    const Outcome nothing = run("run " + project + "--set 'type:Convv::precision=fp32'");
    EXPECT_EQ(nothing.exitCode, 2);
    EXPECT_THAT(nothing.errors, HasSubstr("'Conv'"));
}

} // namespace
