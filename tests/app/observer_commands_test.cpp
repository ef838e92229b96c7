#include "io/files/file.h"
#include "io/plans/observer_text.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

struct Outcome
{
    int exitCode = -1;
    std::string output;
    std::string errors;
};

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

class ObserverCommands : public testing::Test
{
protected:
    const fs::path folder = support::temporaryFolder();
    const std::string project = quoted(support::projectFile("resources/sample/digits.onnx")) + " --data "
        + quoted(support::projectFile("resources/sample/sample.data.json")) + " --samples 16 ";

    /// The command with the user's own settings out of the way.
    [[nodiscard]] Outcome run(const std::string& arguments) const
    {
        const fs::path out = folder / "observer_out.txt";
        const fs::path err = folder / "observer_err.txt";
        const std::string command = "unset NOISEFLOOR_SETTINGS; XDG_CONFIG_HOME=" + quoted(folder / "empty")
            + " '" + NOISEFLOOR_CLI + "' " + arguments + " >" + quoted(out) + " 2>" + quoted(err);
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::readFile(out), io::readFile(err)};
    }
};

/// The sum of all counts is the number of values seen: nothing is lost between dumps.
std::uint64_t counted(const fs::path& file)
{
    std::uint64_t sum = 0;
    for (const io::ObservedOutput& output : io::readObserverFile(file)) {
        sum = std::accumulate(output.counts.begin(), output.counts.end(), sum);
    }
    return sum;
}

TEST_F(ObserverCommands, DumpsHoldWhatCameSinceTheOneBeforeAndTheLastFileAll)
{
    const fs::path file = folder / "dumped.txt";
    const Outcome outcome =
        run("calibrate --methods minmax " + project + "--calibration-samples 10 --observer-file "
            + quoted(file) + " --observer-form dynamichistogram --observer-dump-every 4");
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    const std::uint64_t first = counted(folder / "dumped_1.txt");
    EXPECT_GT(first, 0u);
    EXPECT_EQ(counted(folder / "dumped_2.txt"), first); // four items each
    EXPECT_FALSE(fs::exists(folder / "dumped_3.txt"));
    EXPECT_EQ(counted(file) * 4, first * 10);
}

TEST_F(ObserverCommands, ColumnsHoldOneValueOfEachItem)
{
    const fs::path file = folder / "columns.txt";
    const Outcome outcome = run("calibrate --methods minmax " + project
                                + "--calibration-samples 10 --observer-form columnmax --observer-operators "
                                  "type:Gemm --observer-net left --observer-file "
                                + quoted(file));
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    const auto columns = io::readObserverFile(folder / "columns.txt.left");
    ASSERT_EQ(columns.size(), 10u); // of the digits
    for (std::size_t i = 0; i < columns.size(); ++i) {
        EXPECT_EQ(columns[i].column, static_cast<int>(i));
        EXPECT_EQ(columns[i].counts.size(), 16u);
        EXPECT_EQ(std::accumulate(columns[i].counts.begin(), columns[i].counts.end(), std::uint64_t{0}), 10u);
        EXPECT_GE(columns[i].min, 0.0);
    }
    // What reads it takes the largest |x| to both sides.
    const fs::path plan = folder / "columns_plan.json";
    const Outcome imported = run("import-ranges " + project + "--observer-file "
                                 + quoted(folder / "columns.txt.left") + " --output " + quoted(plan));
    ASSERT_EQ(imported.exitCode, 0) << imported.errors;
    const double largest = std::ranges::max(columns, {}, &io::ObservedOutput::max).max;
    EXPECT_EQ(Json::parse(io::readFile(plan))["operators"]["classifier"]["activation"]["range"],
              Json({-largest, largest}));
}

TEST_F(ObserverCommands, SeveralFilesWithADelimiterAreTakenTogether)
{
    const auto write = [&](const char* name, const char* text) {
        std::ofstream(folder / name) << text;
        return quoted(folder / name);
    };
    const std::string a = write("net_a.txt", "0,Input,0,image,-1,2\n1,Gemm,0,logits,-3,4\n");
    const std::string b = write("net_b.txt", "0,Input,0,image,-0.5,2.5\n");
    const fs::path plan = folder / "merged_plan.json";
    const std::string command = "import-ranges " + project + "--observer-file " + a + " " + b
        + " --operators image --output " + quoted(plan);
    EXPECT_EQ(run(command).exitCode, 3); // one word a line: no form of an observer
    EXPECT_THAT(run(command + " --delimiter 1").errors, HasSubstr("--delimiter '1'"));
    const Outcome outcome = run(command + " --delimiter ,");
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    const Json json = Json::parse(io::readFile(plan));
    EXPECT_EQ(json["inputs"]["image"]["activation"]["range"], Json({-1.0, 2.5}));
    EXPECT_FALSE(json.contains("operators") && json["operators"].contains("classifier"));
}

/// The first product reads the codes of the FP32 input in both ways of measuring; those behind it do not.
TEST_F(ObserverCommands, TheShadowInThePipelineSeesTheInputsThatAreThere)
{
    const fs::path report = folder / "shadow.json";
    const fs::path page = folder / "shadow.html";
    const Outcome outcome =
        run("run " + project + "--shadow pipeline --report " + quoted(report) + " --html " + quoted(page));
    ASSERT_EQ(outcome.exitCode, 0) << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("in pipeline dB"));
    EXPECT_THAT(io::readFile(page), HasSubstr("In pipeline"));
    const Json operators = Json::parse(io::readFile(report))["operators"];
    EXPECT_EQ(operators[1]["pipeline_shadow"]["l2"], operators[1]["isolated"]["l2"]);
    EXPECT_NE(operators[3]["pipeline_shadow"]["l2"], operators[3]["isolated"]["l2"]);
    EXPECT_GT(operators[9]["pipeline_shadow"]["sqnr_db"], operators[9]["accumulated"]["sqnr_db"]);
    const Outcome plain = run("run " + project + "--report " + quoted(report));
    EXPECT_FALSE(Json::parse(io::readFile(report))["operators"][1].contains("pipeline_shadow"));
}

TEST_F(ObserverCommands, LimitsOf16BitSumsAreKeysOfAPlan)
{
    const std::string wish = "run " + project + "--set accumulator=s16-outlier:4 --set acc16_thresholds=";
    EXPECT_THAT(run(wish + "density=1,k=10").output, HasSubstr("stem: 9 products in a sum, fewer than 10"));
    EXPECT_THAT(run(wish + "density=0").output, HasSubstr("of the weights have more than 4 bits"));
    EXPECT_EQ(run(wish + "density=2").exitCode, 2);
}

} // namespace
