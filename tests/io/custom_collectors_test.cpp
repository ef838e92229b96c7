#include "core/base/error.h"
#include "io/files/file.h"
#include "io/plans/command_collector.h"
#include "io/plans/plugin_collectors.h"
#include "io/plans/settings.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>

namespace {

namespace fs = std::filesystem;
using core::Range;
using testing::AllOf;
using testing::HasSubstr;

constexpr core::CalibrationTarget kTarget{core::Scheme::Asymmetric, 8};

core::TensorStatistics statistics()
{
    return core::statisticsOf(std::vector{-2.0f, 0.0f, 1.0f, 4.0f}, {0, 1});
}

template <typename Action>
std::string complaint(const Action& action)
{
    try {
        action();
    } catch (const core::Error& error) {
        return error.what();
    }
    return "none";
}

/// A shell command as a collector.
std::unique_ptr<core::Collector> shell(const std::string& script, io::CommandLimits limits = {})
{
    return io::commandMethod("mine", "", {"/bin/sh", "-c", script}, "/", limits).collect("conv1_out");
}

std::string complaintOf(const std::string& script, io::CommandLimits limits = {})
{
    const auto collector = shell(script, limits);
    return complaint([&] { (void)collector->range(statistics(), kTarget); });
}

TEST(CommandCollector, AnswersWithTheRangeThatTheCommandWrites)
{
    const auto collector = shell("cat >/dev/null; echo '{\"range\": [-1.5, 3]}'");
    EXPECT_EQ(collector->range(statistics(), kTarget), (Range{-1.5, 3.0}));
}

TEST(CommandCollector, NeedNotReadItsInput)
{
    core::TensorStatistics large = statistics();
    large.histogram.reserve(1000.0f); // thousands of bins on standard input
    EXPECT_EQ(shell("echo '{\"range\": [0, 3]}'")->range(large, kTarget), (Range{0.0, 3.0}));
}

TEST(CommandCollector, IsAskedOncePerTarget)
{
    const fs::path count = support::temporaryFolder() / "count.txt";
    fs::remove(count);
    const auto collector = shell("echo x >>'" + count.string() + "'; echo '{\"range\": [0, 1]}'");
    (void)collector->range(statistics(), kTarget);
    (void)collector->range(statistics(), kTarget);
    EXPECT_EQ(fs::file_size(count), 2u);
    (void)collector->range(statistics(), {core::Scheme::Symmetric, 8});
    EXPECT_EQ(fs::file_size(count), 4u);
}

TEST(CommandCollector, IsGivenTheStatistics)
{
    const auto json = nlohmann::json::parse(io::statisticsToJson(statistics(), kTarget, "conv1_out"));
    EXPECT_EQ(json["tensor"], "conv1_out");
    EXPECT_EQ(json["target"]["scheme"], "asymmetric");
    EXPECT_EQ(json["count"], 4);
    EXPECT_EQ(json["zeros"], 1);
    EXPECT_EQ(json["min"], -2.0);
    const auto& histogram = json["histogram"];
    double sum = 0.0;
    for (const auto& c : histogram["counts"]) {
        sum += c.get<double>();
    }
    EXPECT_EQ(sum, 3.0); // zeros are in no bin
    EXPECT_EQ(histogram["lowest"], -2.0);
}

TEST(CommandCollector, ErrorsNameCollectorCommandAndTensor)
{
    for (const char* script :
         {"exit 3", "echo nonsense", "echo '{}'", "echo '{\"range\": [1]}'", "echo '{\"range\": [2, 1]}'",
          "echo '{\"range\": [\"a\", 1]}'", "echo '{\"range\": [0, 1e39]}'", "kill -9 $$", ""}) {
        EXPECT_THAT(complaintOf(script),
                    AllOf(HasSubstr("'mine'"), HasSubstr("/bin/sh"), HasSubstr("'conv1_out'")))
            << script;
    }
    EXPECT_THAT(complaintOf("exit 3"), HasSubstr("code 3"));
    EXPECT_THAT(complaintOf("echo 'no such layer' >&2; exit 1"), HasSubstr("no such layer"));
    EXPECT_THAT(complaintOf("echo nonsense"), HasSubstr("nonsense"));
    const auto absent = io::commandMethod("mine", "", {"/absent/command"}, "/", {}).collect("x");
    EXPECT_THAT(complaint([&] { (void)absent->range(statistics(), kTarget); }),
                HasSubstr("cannot be started"));
}

TEST(CommandCollector, IsEndedWhenItTakesTooLongOrWritesTooMuch)
{
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(complaintOf("sleep 60", {std::chrono::milliseconds(80), 1000}), HasSubstr("80 ms"));
    EXPECT_THAT(complaintOf("exec >&-; sleep 60", {std::chrono::milliseconds(80), 1000}),
                HasSubstr("does not end"));
    EXPECT_THAT(complaintOf("yes", {std::chrono::seconds(20), 1000}), HasSubstr("more than 1000 bytes"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
}

TEST(PluginCollectors, TheExampleSeesEverySample)
{
    const core::CustomMethods methods = io::loadPluginCollectors(NOISEFLOOR_COLLECTORS);
    ASSERT_TRUE(methods.contains("mean-of-maxima"));
    EXPECT_FALSE(methods.at("mean-of-maxima").help.empty());
    const auto collector = methods.at("mean-of-maxima").collect("x");
    collector->add(std::vector{-1.0f, 2.0f});
    collector->add(std::vector{-2.0f, 5.0f});
    EXPECT_EQ(collector->range(statistics(), kTarget), (Range{-1.5, 3.5}));
    const auto unfed = methods.at("mean-of-maxima").collect("conv7");
    EXPECT_THAT(complaint([&] { (void)unfed->range(statistics(), kTarget); }),
                AllOf(HasSubstr("mean-of-maxima"), HasSubstr("conv7")));
}

TEST(PluginCollectors, RefuseAFileThatIsNoLibrary)
{
    const fs::path folder = support::temporaryFolder() / "broken";
    fs::create_directories(folder);
    std::ofstream(folder / "broken.so") << "no library";
    EXPECT_THAT(complaint([&] { (void)io::loadPluginCollectors(folder); }), HasSubstr("broken.so"));
    EXPECT_THAT(complaint([&] { (void)io::loadPluginCollectors(folder / "absent"); }), HasSubstr("absent"));
}

fs::path settingsWith(const std::string& collectors)
{
    const fs::path file = support::temporaryFolder() / "settings.json";
    io::writeFileAtomically(file, R"({"format": "noisefloor-settings/1", "collectors": )" + collectors + "}");
    return file;
}

TEST(Settings, RegisterLibrariesAndCommands)
{
    const auto methods = io::customMethodsOf(settingsWith(
        R"({"folder": ")" NOISEFLOOR_COLLECTORS
        R"(", "commands": {"one": {"command": ["echo", "{\"range\": [0, 1]}"], "help": "unit"}}})"));
    EXPECT_EQ(methods.size(), 2u);
    EXPECT_EQ(methods.at("one").help, "unit");
    EXPECT_EQ(methods.at("one").collect("x")->range(statistics(), kTarget), (Range{0.0, 1.0}));
}

TEST(Settings, NameWhatTheyDoNotUnderstand)
{
    for (const auto& [json, mention] : std::vector<std::pair<std::string, std::string>>{
             {R"({"folders": "x"})", "folder"},
             {R"({"folder": "absent"})", "absent"},
             {R"({"commands": {"a b": {"command": ["x"]}}})", "a b"},
             {R"({"commands": {"a": {"command": "x"}}})", "commands.a"},
             {R"({"commands": {"a": {"command": ["x"], "timeout_s": 0}}})", "timeout_s"},
             {R"([])", "object"}}) {
        EXPECT_THAT(
            complaint([&, text = json] { (void)io::customMethodsOf(settingsWith(text)); }),
            AllOf(HasSubstr(mention), testing::AnyOf(HasSubstr("settings.json"), HasSubstr("absent"))))
            << json;
    }
}

TEST(Settings, LieWhereTheEnvironmentSays)
{
    ::setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    ::unsetenv("NOISEFLOOR_SETTINGS");
    EXPECT_EQ(io::settingsPath(), fs::path("/somewhere/noisefloor/settings.json"));
    ::setenv("NOISEFLOOR_SETTINGS", "/else/s.json", 1);
    EXPECT_EQ(io::settingsPath(), fs::path("/else/s.json"));
    ::unsetenv("NOISEFLOOR_SETTINGS");
    ::unsetenv("XDG_CONFIG_HOME");
}

} // namespace
