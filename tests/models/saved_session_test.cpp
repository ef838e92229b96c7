#include "app/common/saved_session.h"

#include "core/base/error.h"
#include "io/reports/report_json.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <chrono>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kModel = support::projectFile("resources/sample/digits.onnx");
const fs::path kData = support::projectFile("resources/sample/sample.data.json");

class SavedSession : public testing::Test
{
protected:
    const fs::path file = support::temporaryFolder() / "digits.nfs";
    const app::ProjectRequest request{kModel, kData, {}, {}};
    const app::Project project = app::openProject(request);
    const std::shared_ptr<const core::QuantizationPlan> plan = models::planWith({});
    const std::shared_ptr<const core::Report> report = project.session->run(plan, {}, {});

    void TearDown() override { fs::remove(file); }

    void save(std::size_t samples)
    {
        io::SessionFile session = app::describeProject(request, project);
        session.history = {{"", plan}};
        session.runs = {{1, "2026-01-02T03:04:05Z", "test", "", report}};
        session.tensors = samples > 0 ? app::captureForSession(project, plan, samples, {}) : nullptr;
        io::writeSession(session, file);
    }
};

TEST_F(SavedSession, OfTheSampleOpensToTheSameReportWithoutAnExecution)
{
    save(0);
    const auto start = std::chrono::steady_clock::now();
    const io::SessionFile saved = io::readSession(file);
    const app::ReopenedProject reopened = app::reopenProject(saved, {});
    const std::string json = io::reportToJson(*saved.runs.at(0).report);
    const double ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    EXPECT_EQ(json, io::reportToJson(*report));
    EXPECT_EQ(reopened.project.session->floatExecutions(), 0U);
    EXPECT_TRUE(reopened.warnings.empty());
    // Printed, not judged: it is the machine's as much as ours.
    std::printf("[   TIME   ] opened in %.0f ms\n", ms);
    testing::Test::RecordProperty("open_ms", std::to_string(ms));
}

TEST_F(SavedSession, KeepsTensorsAndShowsThemWithoutAnExecution)
{
    save(2);
    const app::ReopenedProject reopened = app::reopenProject(io::readSession(file), {});
    const auto graph = project.session->operators(*plan);
    for (const std::size_t sample : {0U, 1U}) {
        for (std::size_t i = 0; i < graph->operators.size(); ++i) {
            const auto kept = app::tensorsOf(reopened.project, plan, core::OperatorId(i), sample, {});
            const auto computed = project.session->tensors(plan, core::OperatorId(i), sample, {});
            ASSERT_TRUE(kept && computed);
            for (const auto& [a, b] :
                 {std::pair(kept->fp32, computed->fp32), std::pair(kept->quantized, computed->quantized)}) {
                EXPECT_EQ(core::doublesOf(core::toLayout(a, core::Layout::RowMajor)),
                          core::doublesOf(core::toLayout(b, core::Layout::RowMajor)))
                    << graph->operators[i].name;
            }
        }
    }
    EXPECT_EQ(reopened.project.session->floatExecutions(), 0U);
    // Another sample, and another plan, are computed.
    (void)app::tensorsOf(reopened.project, plan, core::OperatorId(1), 5, {});
    EXPECT_EQ(reopened.project.session->floatExecutions(), 1U);
    (void)app::tensorsOf(reopened.project, models::planWith({"activation.bits=6"}), core::OperatorId(1), 0,
                         {});
    EXPECT_EQ(reopened.project.session->floatExecutions(), 2U);
}

TEST_F(SavedSession, OfMoreTensorsThanItKeepsIsRefusedWithTheSize)
{
    const std::size_t samples =
        io::kMostTensorBytes / core::capturedBytes(*project.session->operators(*plan), 1) + 1;
    try {
        (void)app::captureForSession(project, plan, samples, {});
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_NE(std::string(error.what()).find("at most 536 MB"), std::string::npos) << error.what();
    }
}

} // namespace
