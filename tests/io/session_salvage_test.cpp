#include "core/base/error.h"
#include "core/statistics/statistics.h"
#include "io/files/file.h"
#include "io/session/session_file.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::size_t kUserBlock = 512;

/// A session small enough to be kept as a file.
io::SessionFile smallSession(int runs)
{
    io::SessionFile session;
    session.model = "net.onnx";
    session.modelSha256 = std::string(64, 'a');
    session.dataFingerprint = "abc";
    session.shapes["x"] = {1, 3, 8, 8};
    const auto plan = std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    session.history = {{"", plan}, {"again", plan}};
    session.current = 1;
    session.calibration["y"] = core::statisticsOf(std::vector<float>{0.5f, -2.0f, 0.0f, 1.0f}, {2, 1});
    session.evaluation = session.calibration;
    for (int i = 0; i < runs; ++i) {
        auto report = std::make_shared<core::Report>();
        report->plan = plan;
        report->modelFile = "net.onnx";
        core::LayerReport layer;
        layer.name = fmt::format("conv_{}", i);
        layer.type = "Conv";
        layer.isolated = core::ErrorMetrics{1.5, 0.25, 0.125, 12.0 + i, 0.75, 3.0, 0.3, 99, 7};
        layer.sampleRelativeL2 = {0.5f, 0.25f};
        report->layers.push_back(std::make_shared<const core::LayerReport>(layer));
        session.runs.push_back({i + 1, "2026-01-02T03:04:05", "edit", fmt::format("note {}", i), report});
    }
    session.baseline = 1;
    session.layout = "AAAB";
    return session;
}

void expectSame(const io::SavedRun& run, const io::SavedRun& was)
{
    EXPECT_EQ(run.note, was.note);
    ASSERT_EQ(run.report->layers.size(), 1u);
    EXPECT_EQ(run.report->layers[0]->name, was.report->layers[0]->name);
    EXPECT_EQ(run.report->layers[0]->isolated->sqnrDb, was.report->layers[0]->isolated->sqnrDb);
    EXPECT_EQ(run.report->layers[0]->sampleRelativeL2, was.report->layers[0]->sampleRelativeL2);
}

/// What is there of a session is what was written.
void expectNothingSilent(const io::SessionFile& session, const io::SessionFile& was)
{
    EXPECT_EQ(session.modelSha256, was.modelSha256);
    EXPECT_EQ(session.shapes, was.shapes);
    for (const io::SavedRun& run : session.runs) {
        ASSERT_GE(run.number, 1);
        ASSERT_LE(static_cast<std::size_t>(run.number), was.runs.size());
        expectSame(run, was.runs[static_cast<std::size_t>(run.number - 1)]);
    }
    EXPECT_TRUE(session.calibration.empty() || session.calibration == was.calibration);
    EXPECT_TRUE(session.evaluation.empty() || session.evaluation == was.evaluation);
    EXPECT_TRUE(session.layout.empty() || session.layout == was.layout);
}

TEST(SessionSalvage, DamageInOneRunLosesThatRunAlone)
{
    const io::SessionFile was = smallSession(3);
    std::string bytes = io::sessionToBytes(was, "/");
    const std::size_t at = bytes.find("conv_1");
    ASSERT_NE(at, std::string::npos);
    bytes[at] = 'k';
    const io::SessionFile session = io::sessionFromBytes(bytes, "/");
    ASSERT_EQ(session.runs.size(), 2u);
    EXPECT_EQ(session.runs[0].number, 1);
    EXPECT_EQ(session.runs[1].number, 3);
    ASSERT_EQ(session.lost.size(), 1u);
    EXPECT_THAT(session.lost[0], HasSubstr("/runs/000001"));
    EXPECT_EQ(session.history.size(), 2u);
    EXPECT_EQ(session.calibration, was.calibration);
    EXPECT_EQ(session.baseline, 1);
    expectNothingSilent(session, was);
}

TEST(SessionSalvage, AWholeFileHasLostNothing)
{
    const io::SessionFile session = io::sessionFromBytes(io::sessionToBytes(smallSession(1), "/"), "/tmp");
    EXPECT_THAT(session.lost, testing::IsEmpty());
    EXPECT_EQ(session.folder, "/tmp");
}

// Wherever a byte, or a page, is changed: what comes back is as it was written, and what does not is told.
TEST(SessionSalvage, AnyDamageIsToldAndNothingChangesSilently)
{
    const io::SessionFile was = smallSession(4);
    const std::string bytes = io::sessionToBytes(was, "/");
    std::mt19937 random(3);
    const int count = std::getenv("NOISEFLOOR_LONG") ? 20000 : 400;
    int salvaged = 0;
    for (int i = 0; i < count; ++i) {
        std::string changed = bytes;
        const std::size_t at = random() % bytes.size();
        const std::size_t length = i % 4 == 0 ? 512 : 1;
        for (std::size_t k = at; k < std::min(at + length, bytes.size()); ++k) {
            changed[k] = static_cast<char>(changed[k] ^ static_cast<char>(1 + random() % 255));
        }
        try {
            const io::SessionFile session = io::sessionFromBytes(changed, "/");
            ++salvaged;
            expectNothingSilent(session, was);
            EXPECT_FALSE(session.lost.empty()) << "byte " << at;
        } catch (const core::Error& error) {
            EXPECT_NE(std::string(error.what()), "");
        }
    }
    EXPECT_GT(salvaged, count / 2);
}

// Every version that was ever written opens. A new layout adds a file here and keeps the old ones:
// NOISEFLOOR_KEEP_SESSION=1 writes it.
TEST(SessionVersions, FilesOfEveryVersionOpen)
{
    const fs::path present = support::projectFile("tests/cases/sessions/version_3.nfs");
    if (std::getenv("NOISEFLOOR_KEEP_SESSION")) {
        io::writeFileAtomically(present, io::sessionToBytes(smallSession(1), "/"));
    }
    for (const int version : {1, 2, 3}) {
        const io::SessionFile session = io::readSession(
            support::projectFile(fmt::format("tests/cases/sessions/version_{}.nfs", version)));
        const io::SessionFile was = smallSession(1);
        EXPECT_THAT(session.lost, testing::IsEmpty());
        ASSERT_EQ(session.runs.size(), 1u);
        expectNothingSilent(session, was);
        EXPECT_EQ(session.history.size(), 2u);
        EXPECT_EQ(session.calibration, was.calibration);
        EXPECT_EQ(session.layout, was.layout);
    }
    EXPECT_THAT(io::sessionToBytes(smallSession(0), "/").substr(0, kUserBlock),
                HasSubstr("noisefloor-session/3"));
}

} // namespace
