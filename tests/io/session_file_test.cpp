#include "io/session/session_file.h"

#include "core/base/error.h"
#include "core/statistics/statistics.h"
#include "io/files/file.h"
#include "io/reports/report_json.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using core::Error;
using testing::HasSubstr;

core::StatisticsByValue someStatistics(float scale)
{
    const std::vector<float> values{0.0f, scale, -2.0f * scale, 0.1f * scale, NAN, INFINITY};
    core::StatisticsByValue all;
    all["first"] = core::statisticsOf(values, {2, 1});
    all["zeros"] = core::statisticsOf(std::vector<float>(4, 0.0f), {1, 1});
    return all;
}

core::MetricReport fullMetric()
{
    const auto estimate = [](double value) {
        return core::MetricEstimate{value,
                                    core::ConfidenceInterval{value - 1, value + 1, "bca bootstrap", 5}};
    };
    core::MetricReport metric;
    metric.info = {"cer", "CER ünï", "%", false, true, true};
    metric.isAgainstFloat = true;
    metric.items = 5;
    metric.fp32 = estimate(0.25);
    metric.quantized = {1.5, std::nullopt};
    metric.drop = estimate(1.25);
    metric.neededItems = 90;
    metric.parts = {{"AP.50", 99.5, std::nullopt}};
    metric.slices = {{"folder", "night", 2, estimate(1), {std::nullopt, std::nullopt}, estimate(3)},
                     {"folder", "day", 3, {}, estimate(7), {2.0, std::nullopt}}};
    metric.worst = {{4, 2.5}, {0, 0.125}};
    return metric;
}

/// Everything of a report that a field can hold, in one operator or the other.
std::shared_ptr<const core::Report> fullReport()
{
    const core::ErrorMetrics error{1.5, 0.25, 0.125, 12.0, 0.75, 3.0, 0.3, 99, 7};
    core::LayerReport conv;
    conv.id = core::OperatorId(1);
    conv.name = "conv ünï";
    conv.group = "attention";
    conv.saturation = core::SaturationReport{0.25, {1, 0, 3}, {}};
    conv.type = "Conv";
    conv.nodes = {"conv ünï", "relu"};
    conv.output = "y";
    conv.depth = 3;
    conv.effective = core::kFp32;
    conv.reason = "no kernel";
    conv.backend = "onednn";
    conv.implementation = "brgconv";
    conv.activation = core::QuantizedTensorInfo{
        "entropy", "", {{-1.0, 0.1}}, {core::DataType::Int8, 8, {-128, 127}, {0.1f}, {3}, std::nullopt}};
    conv.inheritsActivation = true;
    conv.weight = core::QuantizedTensorInfo{
        "minmax",
        "per-channel",
        {{-1, 1}, {-2, 2}},
        {core::DataType::Int8, 8, {-127, 127}, {1.0f / 127, 2.0f / 127}, {0, 0}, 0}};
    conv.isolated = error;
    conv.worstChannels = {{1, 0.5}, {0, 0.1}};
    conv.channelRelativeL2 = {0.1f, 0.5f};
    conv.outputQuantization = core::OutputQuantization{1, 2, 3, -4, 0.5, 0.25};
    conv.accumulated = core::ErrorMetrics{
        0.0, std::nullopt, std::nullopt, std::nullopt, std::nullopt, 0.0, std::nullopt, 4, 2};
    conv.accumulatedChannelRelativeL2 = {0.25f};
    conv.weightError = core::WeightError{0.5, std::nullopt, 17, 2};
    conv.atOutput = error;
    conv.codeCounts = std::make_shared<const core::CodeCounts>(core::CodeCounts{0, 5, 0, 7, 0});
    conv.sampleRelativeL2 = {0.5f, 0.0f, 1.0f / 3};
    conv.fp32Microseconds = 1.25;
    conv.weight->params.group = 16;
    conv.weight->params.rounding = core::Rounding::Pytorch;
    conv.requested = {core::Precision::Kind::Integer, 0};
    auto report = std::make_shared<core::Report>();
    report->plan = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    report->sequence = core::SequenceReport{
        {{"state", "stateN"}}, {0, 2}, {{"output", {0.5, std::nullopt, 0.25}, {1.0, 0.0, 2.0}}}};
    report->modelFile = "net.onnx";
    report->modelSha256 = "00ff";
    report->modelNodes = 5;
    report->samples = 7;
    report->isa = "AVX2";
    report->threads = 2;
    report->accuracy = core::Accuracy{7, true, {60, 80}, {50, 70}, 90, 1};
    report->outputs = {{"y", "logits", error}};
    report->accuracy->intervals = {core::ConfidenceInterval{30, 85, "wilson", 7}, std::nullopt,
                                   core::ConfidenceInterval{-5, 25, "tango", 7}, std::nullopt,
                                   core::ConfidenceInterval{60, 99, "wilson", 7}};
    report->outputs[0].sqnrInterval = core::ConfidenceInterval{11.5, 12.5, "delta method, t", 7};
    report->metric = std::make_shared<const core::MetricReport>(fullMetric());
    report->predictions = {{1, 2, 3, 0.5}, {-1, 0, 0, 0.0}};
    report->layers = {std::make_shared<const core::LayerReport>(),
                      std::make_shared<const core::LayerReport>(conv)};
    report->timing = {1, 2, 3, 4};
    report->warnings = {"one", "two"};
    return report;
}

io::SessionFile someSession(int runs)
{
    io::SessionFile session;
    session.model = support::temporaryFolder() / "models" / "net.onnx";
    session.modelSha256 = "00ff";
    session.data = "/elsewhere/data.json";
    session.dataFingerprint = "abc";
    session.shapes["x"] = {1, 3, 8, 8};
    session.sampleLimit = 12;
    const auto first = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    core::OperatorSettings settings;
    settings.precision = core::kFp32;
    const auto second = std::make_shared<const core::QuantizationPlan>(first->withOperator("conv", settings));
    session.history = {{"", first}, {"keep conv in FP32", second}};
    session.current = 1;
    session.calibration = someStatistics(1.0f);
    session.evaluation = someStatistics(3.0f);
    for (int i = 0; i < runs; ++i) {
        session.runs.push_back({i + 1, "2026-01-02T03:04:05", "edit", "a note", fullReport()});
    }
    session.baseline = runs > 0 ? std::optional<std::int64_t>(1) : std::nullopt;
    session.layout = "AAAB";
    return session;
}

/// What is said of a file: why it is refused, or what it has lost.
std::string messageOf(std::string_view bytes)
{
    try {
        const io::SessionFile session = io::sessionFromBytes(bytes, "/");
        return session.lost.empty() ? std::string() : session.lost.front();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(SessionFile, KeepsEveryBit)
{
    const io::SessionFile before = someSession(2);
    const io::SessionFile after = io::sessionFromBytes(io::sessionToBytes(before, support::temporaryFolder()),
                                                       support::temporaryFolder());
    EXPECT_EQ(after.model, before.model);
    EXPECT_EQ(after.data, before.data);
    EXPECT_EQ(after.shapes, before.shapes);
    EXPECT_EQ(after.sampleLimit, 12);
    ASSERT_EQ(after.history.size(), 2u);
    EXPECT_EQ(*after.history[1].plan, *before.history[1].plan);
    EXPECT_EQ(after.history[1].label, "keep conv in FP32");
    EXPECT_EQ(after.current, 1u);
    EXPECT_EQ(after.calibration, before.calibration);
    EXPECT_EQ(after.evaluation, before.evaluation);
    ASSERT_EQ(after.runs.size(), 2u);
    EXPECT_EQ(after.runs[1].note, "a note");
    EXPECT_EQ(after.baseline, 1);
    EXPECT_EQ(after.layout, "AAAB");
    const core::Report& was = *before.runs[0].report;
    const core::Report& is = *after.runs[0].report;
    EXPECT_EQ(io::reportToJson(is), io::reportToJson(was));
    // What JSON does not hold.
    EXPECT_EQ(*is.layers[1]->codeCounts, *was.layers[1]->codeCounts);
    EXPECT_EQ(is.layers[1]->sampleRelativeL2, was.layers[1]->sampleRelativeL2);
    EXPECT_EQ(is.layers[1]->channelRelativeL2, was.layers[1]->channelRelativeL2);
    EXPECT_EQ(is.layers[1]->accumulatedChannelRelativeL2, was.layers[1]->accumulatedChannelRelativeL2);
    EXPECT_EQ(is.layers[1]->id, core::OperatorId(1));
    EXPECT_EQ(is.layers[1]->weight->params, was.layers[1]->weight->params);
    EXPECT_EQ(is.layers[1]->requested, was.layers[1]->requested);
    EXPECT_EQ(is.layers[1]->inheritsActivation, true);
    EXPECT_EQ(is.layers[0]->codeCounts, nullptr);
    EXPECT_EQ(is.predictions[0].quantized, 3);
}

TEST(SessionFile, PathsBelowTheFileAreRelative)
{
    const std::string bytes = io::sessionToBytes(someSession(0), support::temporaryFolder());
    EXPECT_EQ(io::sessionFromBytes(bytes, "/moved").model, "/moved/models/net.onnx");
    EXPECT_EQ(io::sessionFromBytes(bytes, "/moved").data, "/elsewhere/data.json");
}

TEST(SessionFile, SaysWhatIsWrong)
{
    const std::string bytes = io::sessionToBytes(someSession(1), "/");
    EXPECT_THAT(messageOf("PNG"), HasSubstr("not a session file"));
    std::string newer = bytes;
    newer[newer.find("/3\n") + 1] = '4';
    EXPECT_THAT(messageOf(newer), HasSubstr("another version"));
    EXPECT_THAT(messageOf(std::string_view(bytes).substr(0, bytes.size() - 1)), HasSubstr("checksum"));
    EXPECT_THAT(messageOf(std::string_view(bytes).substr(0, 300)), HasSubstr("checksum"));
}

TEST(SessionFile, AnyChangedByteIsNoticed)
{
    const std::string bytes = io::sessionToBytes(someSession(1), "/");
    std::mt19937 random(7);
    const int count = std::getenv("NOISEFLOOR_LONG") ? 2500 : 250;
    for (int i = 0; i < count; ++i) {
        std::string changed = bytes;
        const std::size_t at = random() % bytes.size();
        changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + random() % 255));
        EXPECT_NE(messageOf(changed), "") << "byte " << at;
    }
}

TEST(SessionFile, H5pyReadsIt)
{
    const fs::path file = support::temporaryFolder() / "session.nfs";
    io::writeSession(someSession(1), file);
    const std::string script =
        "import h5py,sys\n"
        "f=h5py.File(sys.argv[1],'r')\n"
        "t=f['/runs/000000/report/operators']\n"
        "print(f.attrs['format'].decode() if hasattr(f.attrs['format'],'decode') else f.attrs['format'])\n"
        "print(t['name'][1].decode('utf-8'), t['isolated_sqnr_db'][1], t.attrs['unit:isolated_sqnr_db'])\n"
        "print(int(f['/statistics/calibration/histogram'][()].sum()))\n";
    const fs::path scriptFile = support::temporaryFolder() / "read.py";
    io::writeFileAtomically(scriptFile, script);
    const fs::path out = support::temporaryFolder() / "read.txt";
    const std::string command =
        "/usr/bin/python3 '" + scriptFile.string() + "' '" + file.string() + "' >'" + out.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    const std::string text = io::readFile(out);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << text;
    EXPECT_THAT(text, HasSubstr("noisefloor-session/3"));
    EXPECT_THAT(text, HasSubstr("conv ünï 12.0"));
    EXPECT_THAT(text, HasSubstr("dB"));
    EXPECT_THAT(text, HasSubstr("\n3\n")); // non-zero finite values of `first`
}

TEST(SessionFile, KilledWhileSavingKeepsTheOldOrTheNew)
{
    const fs::path file = support::temporaryFolder() / "killed.nfs";
    const io::SessionFile one = someSession(1);
    const io::SessionFile two = someSession(2);
    io::writeSession(one, file);
    std::mt19937 random(11);
    const int rounds = std::getenv("NOISEFLOOR_LONG") ? 200 : 8;
    int whole = 0;
    for (int i = 0; i < rounds; ++i) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            for (;;) {
                io::writeSession(two, file);
                io::writeSession(one, file);
            }
        }
        usleep(static_cast<useconds_t>(random() % 20000)); // the moment of the kill is the point
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        const std::size_t runs = io::readSession(file).runs.size();
        EXPECT_TRUE(runs == 1 || runs == 2);
        ++whole;
    }
    EXPECT_EQ(whole, rounds);
}

TEST(SessionFile, AFullDiskKeepsTheOldFile)
{
    const fs::path file = support::temporaryFolder() / "kept.nfs";
    io::writeSession(someSession(1), file);
    // A limit on the size of files stands in for a full disk: writes fail half-way.
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{20000, 20000};
        setrlimit(RLIMIT_FSIZE, &limit);
        try {
            io::writeSession(someSession(2), file);
        } catch (const Error&) {
            _exit(7);
        }
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_EQ(io::readSession(file).runs.size(), 1u);
}

} // namespace
