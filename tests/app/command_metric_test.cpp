#include "core/base/error.h"
#include "io/files/external_command.h"
#include "io/files/file.h"
#include "io/files/process.h"
#include "io/plans/command_metric.h"
#include "io/plans/settings.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string messageOf(const std::function<void()>& action)
{
    try {
        action();
    } catch (const core::Error& error) {
        return error.what();
    }
    return "nothing thrown";
}

/// Settings with a metric "mine" of a shell script, which sees each line in $line.
std::filesystem::path settingsWith(const std::string& script, json more = json::object())
{
    more["command"] = {"/bin/sh", "-c", "while read -r line; do " + script + "; done"};
    const auto file = support::temporaryFolder() / "settings.json";
    io::writeFileAtomically(
        file,
        json{{"format", "noisefloor-settings/1"}, {"metrics", {{"commands", {{"mine", std::move(more)}}}}}}
            .dump());
    return file;
}

/// The built-in sample with such a metric.
std::filesystem::path sampleWith(const json& metric)
{
    json description = json::parse(io::readFile(support::projectFile("resources/sample/sample.data.json")));
    for (json* part : {&description["inputs"][0], &description["labels"], &description["calibration"]}) {
        json& path = (*part)["path"];
        path = support::projectFile("resources/sample/" + path.get<std::string>()).string();
    }
    description["metric"] = metric;
    const auto file = support::temporaryFolder() / "sample.data.json";
    io::writeFileAtomically(file, description.dump());
    return file;
}

io::ProcessResult runSample(const json& metric, const std::filesystem::path& settings,
                            const std::vector<std::string>& more = {}, const std::string& samples = "100")
{
    std::vector<std::string> words{NOISEFLOOR_CLI,
                                   "run",
                                   support::projectFile("resources/sample/digits.onnx").string(),
                                   "--data",
                                   sampleWith(metric).string(),
                                   "--collectors",
                                   settings.string(),
                                   "--set",
                                   "weight.bits=3",
                                   "--samples",
                                   samples,
                                   "--report",
                                   (support::temporaryFolder() / "r.json").string()};
    words.insert(words.end(), more.begin(), more.end());
    return io::runProcess(words);
}

json metricOfReport() { return json::parse(io::readFile(support::temporaryFolder() / "r.json"))["metric"]; }

core::Tensor reals(const std::vector<float>& values)
{
    return core::makeTensor<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

TEST(CommandMetric, AsksInOneLineOfJson)
{
    const core::MetricSample sample{{reals({0.1f, -2.0f, std::numeric_limits<float>::quiet_NaN()})}, {}};
    core::Truth label;
    label.label = 4;
    EXPECT_EQ(
        io::metricQuestion(sample, label),
        R"({"format": "noisefloor-metric/1", "outputs": [{"shape": [1, 3], "values": [0.1, -2, null]}], )"
        R"("truth": {"label": 4}})");
    const auto truthIn = [&](const core::Truth& truth) {
        return json::parse(io::metricQuestion(sample, truth))["truth"];
    };
    core::Truth fp32;
    fp32.outputs = {reals({1.0f}), core::makeTensor<std::int64_t>({2}, std::vector<std::int64_t>{7, -1})};
    EXPECT_EQ(truthIn(fp32), json::parse(R"({"outputs": [{"shape": [1, 1], "values": [1.0]},
                                                         {"shape": [2], "values": [7, -1]}]})"));
    core::Truth text;
    text.tokens = {'a', '"', 0x1F600};
    EXPECT_EQ(truthIn(text), json({{"text", "a\"\U0001F600"}}));
    core::Truth boxes;
    boxes.boxes = {{3, 0.0, 0.25, 0.5, 1.0, 1.0, true}};
    EXPECT_EQ(truthIn(boxes), json::parse(R"({"boxes": [{"class": 3, "left": 0.0, "top": 0.25, "right": 0.5,
                                                         "bottom": 1.0, "crowd": true}]})"));
    EXPECT_EQ(truthIn({}), json::parse(R"({"boxes": []})")); // a picture without anything
}

TEST(CommandMetric, GoesOnInOneProgramAndStartsAnewAfterAnError)
{
    const io::CommandLimits roomy{std::chrono::seconds(30), 1'000'000};
    io::CommandConversation counts({"/bin/sh", "-c", "n=0; while read -r x; do n=$((n+1)); echo $n$x; done"},
                                   "/", roomy);
    EXPECT_EQ(counts.ask("a"), "1a");
    EXPECT_EQ(counts.ask(std::string(300'000, 'b')), "2" + std::string(300'000, 'b'));
    io::CommandConversation dies({"/bin/sh", "-c", "read -r x; echo $x; read -r x; echo no more >&2; exit 3"},
                                 "/", {});
    EXPECT_EQ(dies.ask("a"), "a");
    EXPECT_THAT(messageOf([&] { (void)dies.ask("b"); }),
                testing::AllOf(HasSubstr("ends with code 3"), HasSubstr("no more")));
    EXPECT_EQ(dies.ask("c"), "c");
    io::CommandConversation sleeps({"/bin/sh", "-c", "sleep 60"}, "/", {std::chrono::milliseconds(50), 100});
    EXPECT_THAT(messageOf([&] { (void)sleeps.ask("a"); }), HasSubstr("gave no answer within 50 ms"));
    io::CommandConversation ends({"/bin/true"}, "/", {});
    EXPECT_THAT(messageOf([&] { (void)ends.ask("a"); }), HasSubstr("ends without an answer"));
}

/// The first labels of the sample are 4, 9, 2 and 1 (resources/sample/expected.json).
TEST(CommandMetric, IsTheMeanOfItsAnswers)
{
    const auto settings = settingsWith(R"(l=${line##*\"label\": }; echo "${l%%\}*}")",
                                       {{"unit", "m"}, {"title", "mean label"}});
    const auto again = runSample({{"kind", "custom:mine"}}, settings, {"--fail-if", "mine>3.9"}, "4");
    EXPECT_EQ(again.exitCode, 1) << again.err;
    EXPECT_THAT(again.out, HasSubstr("mean label"));
    const json metric = metricOfReport();
    EXPECT_EQ(metric["kind"], "mine");
    EXPECT_EQ(metric["drop"]["value"], 0.0);
    EXPECT_EQ(metric["quantized"]["value"], 4.0);
    EXPECT_EQ(metric["fp32"]["value"], 4.0);
    EXPECT_EQ(metric["unit"], "m");
}

TEST(CommandMetric, IsNotAskedOfItemsWithoutLabel)
{
    const auto settings = settingsWith(R"(l=${line##*\"label\": }; echo "${l%%\}*}")");
    std::string labels = "number,label\n0,4\n1,\n2,2\n";
    for (int i = 3; i < 600; ++i) {
        labels += std::to_string(i) + ",\n";
    }
    io::writeFileAtomically(support::temporaryFolder() / "labels.csv", labels);
    const auto result =
        runSample({{"kind", "custom:mine"}, {"labels", "labels.csv"}, {"column", "label"}}, settings);
    ASSERT_EQ(result.exitCode, 0) << result.err;
    EXPECT_EQ(metricOfReport()["quantized"]["value"], 3.0);
}

/// The example against our own metric of the same name.
TEST(CommandMetric, ExampleEqualsTopTwo)
{
    if (io::findProgram("python3").empty()) {
        GTEST_SKIP() << "no python3";
    }
    const auto settings = support::temporaryFolder() / "example.json";
    io::writeFileAtomically(
        settings,
        json{{"format", "noisefloor-settings/1"},
             {"metrics",
              {{"commands",
                {{"top2",
                  {{"command", {"python3", support::projectFile("resources/metrics/top2.py").string()}}}}}}}}}
            .dump());
    const auto custom = runSample({{"kind", "custom:top2"}}, settings);
    ASSERT_EQ(custom.exitCode, 0) << custom.err;
    const json theirs = metricOfReport();
    const auto own = runSample({{"kind", "topk"}, {"k", 2}}, settings);
    ASSERT_EQ(own.exitCode, 0) << own.err;
    const json ours = metricOfReport();
    for (const char* pipeline : {"fp32", "quantized"}) {
        EXPECT_NEAR(100.0 * theirs[pipeline]["value"].get<double>(), ours[pipeline]["value"].get<double>(),
                    1e-9);
    }
    EXPECT_NE(ours["quantized"]["value"], ours["fp32"]["value"]);
}

/// A file that is opened starts nothing that the user's settings do not name.
TEST(CommandMetric, WrongOnesAreSaid)
{
    const auto settings = settingsWith("echo seven");
    EXPECT_THAT(runSample({{"kind", "custom:mine"}}, settings).err,
                testing::AllOf(HasSubstr("metric 'mine' (/bin/sh)"), HasSubstr("'seven' came")));
    EXPECT_THAT(runSample({{"kind", "custom:main"}}, settings).err,
                testing::AllOf(HasSubstr("custom:main"), HasSubstr("they have mine")));
    EXPECT_THAT(runSample({{"kind", "custom:map"}}, settings).err, HasSubstr("map is a kind of its own"));
    EXPECT_THAT(runSample({{"kind", "custom:mine"}, {"outputs", {"logitz"}}}, settings).err,
                HasSubstr("logitz"));
    EXPECT_THAT(runSample({{"kind", "command"}, {"command", {"true"}}}, settings).err,
                HasSubstr("is not run"));
    EXPECT_THAT(messageOf([] {
                    (void)io::customMetricsOf(settingsWith("true", {{"unit", 3}}));
                }),
                HasSubstr("metrics.commands.mine.unit: text is expected"));
    EXPECT_THAT(messageOf([] {
                    (void)io::customMetricsOf(settingsWith("true", {{"higher", true}}));
                }),
                HasSubstr("higher_is_better"));
}

} // namespace
