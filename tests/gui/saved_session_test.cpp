// A session saved from the window and opened in another one, on the built-in sample.
#include "app/gui/work/saved_workspace.h"
#include "io/files/file.h"
#include "io/reports/report_json.h"
#include "tests/gui/window_fixture.h"
#include "tests/support/shared_files.h"

#include <QMessageBox>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

class SavedSession : public support::Window
{
protected:
    const std::filesystem::path file = support::temporaryFolder() / "window.nfs";

    void SetUp() override
    {
        open();
        edit("block1/depthwise", "weight.granularity=per-channel");
        window.workspace()->setNote(1, QStringLiteral("as it came"));
        window.workspace()->pinBaseline(window.workspace()->runs().front().results);
        edit("stem", "activation.method=entropy");
        window.workspace()->undoStack()->undo();
        waitUntilIdle();
    }
    void TearDown() override { std::filesystem::remove(file); }

    void edit(const std::string& op, const std::string& setting)
    {
        auto plan = *window.workspace()->plan();
        core::OperatorSettings settings = plan.operators[op];
        if (setting == "weight.granularity=per-channel") {
            settings.weight.granularity = core::Granularity{};
        } else {
            settings.activation.method = core::parseCalibrationMethod("entropy");
        }
        window.workspace()->edit({std::make_shared<core::QuantizationPlan>(plan.withOperator(op, settings)),
                                  QString::fromStdString(op + " " + setting),
                                  {}});
        waitUntilIdle();
    }

    void save()
    {
        QSignalSpy written(window.writer(), &app::FileWriter::written);
        window.saveSession(file);
        ASSERT_TRUE(written.count() || written.wait(60000));
    }

    static void openIn(app::MainWindow& other, const std::filesystem::path& session)
    {
        QSignalSpy opened(other.controller(), &app::RunController::sessionOpened);
        other.openFile(session);
        ASSERT_TRUE(opened.wait(60000));
    }
};

TEST_F(SavedSession, OpensAsItWasAndComputesNothing)
{
    save();
    app::MainWindow other{app::MainWindow::Layout::Default};
    other.show();
    openIn(other, file);
    const app::Workspace& was = *window.workspace();
    app::Workspace& is = *other.workspace();
    ASSERT_TRUE(is.results());
    EXPECT_FALSE(other.controller()->isBusy());
    EXPECT_EQ(other.controller()->project()->session->floatExecutions(), 0u);
    EXPECT_EQ(io::reportToJson(*is.results()->report), io::reportToJson(*was.results()->report));
    ASSERT_EQ(is.runs().size(), was.runs().size());
    for (std::size_t i = 0; i < is.runs().size(); ++i) {
        EXPECT_EQ(io::reportToJson(*is.runs()[i].results->report),
                  io::reportToJson(*was.runs()[i].results->report));
        EXPECT_EQ(is.runs()[i].note, was.runs()[i].note);
        EXPECT_EQ(is.runs()[i].label, was.runs()[i].label);
        EXPECT_EQ(is.runs()[i].finished.toSecsSinceEpoch(), was.runs()[i].finished.toSecsSinceEpoch());
    }
    EXPECT_EQ(is.runs().front().note, QStringLiteral("as it came"));
    EXPECT_EQ(is.baseline(), is.runs().front().results);
    EXPECT_EQ(is.undoStack()->count(), 2);
    EXPECT_EQ(is.undoStack()->index(), 1);
    EXPECT_EQ(is.undoStack()->redoText(), QStringLiteral("stem activation.method=entropy"));
    EXPECT_EQ(*is.results()->calibration, *was.results()->calibration);
}

TEST_F(SavedSession, GoesOnWhereItWasLeft)
{
    save();
    app::MainWindow other{app::MainWindow::Layout::Default};
    other.controller()->setSensitivitySamples(1);
    other.show();
    openIn(other, file);
    QSignalSpy results(other.controller(), &app::RunController::resultsReady);
    other.workspace()->undoStack()->redo();
    ASSERT_TRUE(results.wait(60000));
    window.workspace()->undoStack()->redo();
    waitUntilIdle();
    const auto& now = *other.workspace()->results()->report;
    const auto& then = *window.workspace()->results()->report;
    ASSERT_TRUE(now.accuracy && then.accuracy);
    EXPECT_EQ(now.accuracy->quantized.top1, then.accuracy->quantized.top1);
    EXPECT_EQ(now.outputs.back().error.l2, then.outputs.back().error.l2);
    EXPECT_EQ(other.workspace()->runs().back().number,
              other.workspace()->runs().front().number + static_cast<int>(other.workspace()->runs().size())
                  - 1);
}

TEST_F(SavedSession, KeptTensorsShowWithoutAnExecution)
{
    QSignalSpy written(window.writer(), &app::FileWriter::written);
    window.saveSessionWithTensors(file, 1);
    ASSERT_TRUE(written.count() || written.wait(60000));
    app::MainWindow other{app::MainWindow::Layout::Default};
    other.show();
    openIn(other, file);
    QSignalSpy tensors(other.controller(), &app::RunController::tensorsReady);
    other.controller()->requestTensors(other.workspace()->plan(), core::OperatorId(1), 0);
    ASSERT_TRUE(tensors.wait(60000));
    EXPECT_EQ(other.controller()->project()->session->floatExecutions(), 0u);
}

TEST_F(SavedSession, ATableOfAnotherToolBecomesAnEdit)
{
    const std::filesystem::path table = support::temporaryFolder() / "import.cache";
    io::writeFileAtomically(table, "TRT-8601-EntropyCalibration2\nimage: 3c010204\nnowhere: 3c010204\n");
    QSignalSpy edited(window.workspace(), &app::Workspace::planChanged);
    window.importPlanFile(table, "trt-cache");
    ASSERT_TRUE(edited.count() || edited.wait(60000));
    waitUntilIdle();
    const auto& plan = *window.workspace()->plan();
    ASSERT_TRUE(plan.inputs.contains("image"));
    ASSERT_TRUE(plan.inputs.at("image").activation.range);
    EXPECT_NEAR(plan.inputs.at("image").activation.range->max, 1.0, 1e-6);
    window.workspace()->undoStack()->undo();
    EXPECT_FALSE(window.workspace()->plan()->inputs.contains("image"));
    std::filesystem::remove(table);
}

TEST_F(SavedSession, DamagedFileLeavesWhatIsOpenAlone)
{
    save();
    // What is whole in a damaged file is opened; one that ends in its middle holds nothing that is.
    const std::string bytes = io::readFile(file);
    io::writeFileAtomically(file, bytes.substr(0, bytes.size() / 2));
    const auto before = window.workspace()->results();
    QSignalSpy failed(window.controller(), &app::RunController::failed);
    window.openFile(file);
    ASSERT_TRUE(failed.wait(60000));
    EXPECT_TRUE(failed.front().front().toString().contains(QStringLiteral("window.nfs")));
    EXPECT_EQ(window.workspace()->results(), before);
    EXPECT_FALSE(window.controller()->isBusy());
    window.findChild<QMessageBox*>(QStringLiteral("failureBox"))->close();
}

TEST_F(SavedSession, SavingToAFolderThatIsNotThereSaysSo)
{
    QSignalSpy failed(window.writer(), &app::FileWriter::failed);
    window.saveSession(support::temporaryFolder() / "missing" / "window.nfs");
    ASSERT_TRUE(failed.count() || failed.wait(60000));
    EXPECT_TRUE(failed.front().front().toString().contains(QStringLiteral("missing")));
    window.findChild<QMessageBox*>(QStringLiteral("failureBox"))->close();
}

} // namespace
