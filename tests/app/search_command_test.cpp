#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "tests/support/shared_files.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A process of noisefloor-cli whose output goes to a file.
class Process
{
public:
    Process(const std::vector<std::string>& arguments, const fs::path& output)
        : m_id(::fork())
    {
        if (m_id == 0) {
            const int descriptor = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            ::dup2(descriptor, STDOUT_FILENO);
            ::dup2(descriptor, STDERR_FILENO);
            std::vector<char*> argv{const_cast<char*>(NOISEFLOOR_CLI)};
            for (const std::string& argument : arguments) {
                argv.push_back(const_cast<char*>(argument.c_str()));
            }
            argv.push_back(nullptr);
            ::execv(NOISEFLOOR_CLI, argv.data());
            ::_exit(127);
        }
    }
    void kill() const { ::kill(m_id, SIGKILL); }
    /// Exit code; −1 when it was killed.
    [[nodiscard]] int wait() const
    {
        int status = 0;
        ::waitpid(m_id, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t m_id;
};

/// Trials that a process said to have measured itself.
std::size_t measuredTrials(const fs::path& output)
{
    std::istringstream text(fs::exists(output) ? io::readFile(output) : "");
    std::size_t count = 0;
    for (std::string line; std::getline(text, line) && !text.eof();) {
        int number = 0;
        double share = 0.0;
        const bool isTrial = std::sscanf(line.c_str(), " %d %lf", &number, &share) == 2
            && line.find('%') == std::string::npos; // lines of the front have it
        count += isTrial && line.find("(journal)") == std::string::npos ? 1 : 0;
    }
    return count;
}

/// Whole lines behind the header; each must be JSON with a plan that can be loaded.
std::vector<Json> trialsIn(const fs::path& journal)
{
    std::vector<Json> trials;
    if (!fs::exists(journal)) {
        return trials;
    }
    const std::string content = io::readFile(journal);
    std::istringstream text(content.substr(0, content.rfind('\n') + 1));
    std::string line;
    std::getline(text, line);
    while (std::getline(text, line)) {
        trials.push_back(Json::parse(line));
        EXPECT_NO_THROW((void)io::planFromJson(trials.back()["plan"].dump())) << line;
    }
    return trials;
}

class SearchCommand : public testing::Test
{
protected:
    const fs::path folder = support::temporaryFolder();
    const fs::path journal = folder / "search.jsonl";
    const fs::path plan = folder / "best.json";
    const fs::path output = folder / "search.txt";
    void SetUp() override
    {
        fs::remove(journal);
        fs::remove(plan);
    }
    [[nodiscard]] std::vector<std::string> arguments() const
    {
        return {"search",        support::projectFile("resources/sample/digits.onnx").string(),
                "--data",        support::projectFile("resources/sample/sample.data.json").string(),
                "--set",         "weight.granularity=per-tensor",
                "--target-sqnr", "25",
                "--samples",     "24",
                "--trials",      "12",
                "--threads",     "1",
                "--journal",     journal.string(),
                "--output",      plan.string()};
    }
};

TEST_F(SearchCommand, LosesAtMostTheTrialUnderWayWhenKilled)
{
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(Process(arguments(), output).wait(), 0) << io::readFile(output);
    const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - start;
    const std::vector<Json> expected = trialsIn(journal);
    const std::string expectedPlan = io::readFile(plan);
    ASSERT_GT(expected.size(), 5u);
    SetUp();

    const int kills = std::getenv("NOISEFLOOR_LONG") ? 50 : 5;
    std::mt19937 random(11);
    std::size_t known = 0;
    for (int i = 0; i < kills; ++i) {
        fs::remove(output); // it may be killed before it opens it
        const Process process(arguments(), output);
        const double moment = std::uniform_real_distribution<double>(0.0, 0.9 * whole.count())(random);
        std::this_thread::sleep_for(std::chrono::duration<double>(moment)); // the moment is what is tried
        process.kill();
        (void)process.wait();
        const std::vector<Json> trials = trialsIn(journal);
        // What was said to be measured is on disk, on top of all that was there before.
        ASSERT_GE(trials.size(), known + measuredTrials(output)) << "kill " << i;
        known = trials.size();
        if (fs::exists(plan)) {
            EXPECT_NO_THROW((void)io::readPlan(plan)) << "kill " << i;
        }
    }
    ASSERT_EQ(Process(arguments(), output).wait(), 0) << io::readFile(output);
    const std::vector<Json> all = trialsIn(journal);
    EXPECT_EQ(all.size(), expected.size()); // nothing was measured twice
    EXPECT_EQ(measuredTrials(output), expected.size() - known);
    EXPECT_EQ(io::readFile(plan), expectedPlan);
    for (std::size_t i = 0; i < std::min(all.size(), expected.size()); ++i) {
        EXPECT_EQ(all[i], expected[i]);
    }
}

TEST_F(SearchCommand, RefusesTheJournalOfAnotherGoal)
{
    std::vector<std::string> first = arguments();
    first[11] = "1"; // one trial
    ASSERT_EQ(Process(first, output).wait(), 0) << io::readFile(output);
    std::vector<std::string> other = arguments();
    other[7] = "30";
    EXPECT_EQ(Process(other, output).wait(), 2);
    EXPECT_THAT(io::readFile(output), testing::HasSubstr("belongs to other work"));
}

TEST_F(SearchCommand, WantsOneGoal)
{
    std::vector<std::string> both = arguments();
    both.insert(both.end(), {"--int8-macs", "0.5"});
    EXPECT_EQ(Process(both, output).wait(), 2);
}

TEST_F(SearchCommand, SensitivityGoesOnFromItsJournal)
{
    const fs::path table = folder / "table.json";
    const std::vector<std::string> command{
        "sensitivity", support::projectFile("resources/sample/digits.onnx").string(),
        "--data",      support::projectFile("resources/sample/sample.data.json").string(),
        "--samples",   "4",
        "--journal",   journal.string(),
        "--json",      table.string()};
    ASSERT_EQ(Process(command, output).wait(), 0) << io::readFile(output);
    const std::string whole = io::readFile(journal);
    const std::string expected = io::readFile(table);
    io::writeFileAtomically(journal, whole.substr(0, whole.size() / 2)); // as a kill leaves it
    ASSERT_EQ(Process(command, output).wait(), 0) << io::readFile(output);
    EXPECT_EQ(io::readFile(journal), whole);
    EXPECT_EQ(io::readFile(table), expected);
    EXPECT_EQ(Json::parse(expected)["operators"].size(), 13u);
}

TEST_F(SearchCommand, FastSensitivitySaysWhereItsGainsComeFrom)
{
    const fs::path table = folder / "table.json";
    const std::vector<std::string> command{
        "sensitivity", support::projectFile("resources/sample/digits.onnx").string(),
        "--data",      support::projectFile("resources/sample/sample.data.json").string(),
        "--samples",   "16",
        "--method",    "fast",
        "--confirm",   "2",
        "--json",      table.string()};
    ASSERT_EQ(Process(command, output).wait(), 0) << io::readFile(output);
    EXPECT_THAT(io::readFile(output), testing::HasSubstr("gains by reverse passes over 16 samples"));
    const Json json = Json::parse(io::readFile(table));
    EXPECT_EQ(json["linearised_samples"], 16);
    EXPECT_TRUE(json["reverse_pass_ends"].empty());
    std::map<std::string, int> sources;
    for (const Json& op : json["operators"]) {
        ++sources[op["all_but_this_from"].get<std::string>()];
        const bool isPredicted = op["all_but_this_from"] == "reverse pass";
        EXPECT_EQ(op["all_but_this_gain_error_db"].is_number(), isPredicted) << op.dump();
        EXPECT_TRUE(op["all_but_this_relative_l2"].is_number()) << op.dump();
    }
    EXPECT_EQ(sources, (std::map<std::string, int>{{"measured", 2}, {"reverse pass", 11}}));
}

TEST_F(SearchCommand, BisectionSavesAPartThatFailsTheSameWayByItself)
{
    const fs::path part = folder / "part";
    const std::vector<std::string> command{
        "bisect",    support::projectFile("resources/sample/digits.onnx").string(),
        "--data",    support::projectFile("resources/sample/sample.data.json").string(),
        "--set",     "weight.granularity=per-tensor",
        "--bound",   "0.1",
        "--samples", "6",
        "--output",  part.string()};
    ASSERT_EQ(Process(command, output).wait(), 0) << io::readFile(output);
    EXPECT_THAT(io::readFile(output), testing::HasSubstr("operators are enough"));
    const fs::path report = folder / "part.json";
    const std::vector<std::string> again{
        "run",    (part / "subgraph.onnx").string(), "--data",   (part / "data.json").string(),
        "--plan", (part / "plan.json").string(),     "--report", report.string()};
    ASSERT_EQ(Process(again, output).wait(), 0) << io::readFile(output);
    const Json json = Json::parse(io::readFile(report));
    EXPECT_EQ(json["data"]["samples"], 6);
    EXPECT_GT(json["outputs"][0]["relative_l2"].get<double>(), 0.1);
}

} // namespace
