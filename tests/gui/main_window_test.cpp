#include "app/gui/main_window.h"

#include "app/gui/command_line.h"
#include "tests/gui/window_fixture.h"
#include "tests/support/shared_files.h"

#include <QLabel>
#include <QProgressBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <gtest/gtest.h>

namespace {

using support::Window;

TEST_F(Window, RunsTheSampleAndSelectsTheWorst)
{
    open();
    const auto& results = window.workspace()->results();
    EXPECT_GT(results->report->accuracy->fp32.top1, 90.0);
    ASSERT_TRUE(window.selection()->current());
    const auto worst = results->layer(*window.selection()->current());
    for (const auto& layer : results->report->layers) {
        if (layer->atOutput && layer->atOutput->relativeL2) {
            EXPECT_LE(*layer->atOutput->relativeL2, *worst->atOutput->relativeL2) << layer->name;
        }
    }
    const auto* const table = window.findChild<QTableView*>(QStringLiteral("operatorsTable"));
    EXPECT_EQ(table->model()->rowCount(), static_cast<int>(results->report->layers.size()));
}

TEST_F(Window, KeyKeepsFloatRunsAgainAndUndoBringsTheNumbersBack)
{
    open();
    const auto before = window.workspace()->results();
    const auto op = *window.selection()->current();
    ASSERT_TRUE(window.selectOperator(QString::fromStdString(before->layer(op)->name)));
    QTest::keyClick(&window, Qt::Key_F);
    EXPECT_TRUE(window.workspace()->isStale()) << "old numbers stay, marked, until the new arrive";
    EXPECT_EQ(window.workspace()->results(), before);
    waitUntilIdle();
    EXPECT_FALSE(window.workspace()->isStale());
    EXPECT_EQ(window.workspace()->results()->layer(op)->effective, core::kFp32);
    EXPECT_EQ(window.workspace()->runs().size(), 2U);
    window.workspace()->undoStack()->undo();
    waitUntilIdle();
    EXPECT_EQ(window.workspace()->results()->layer(op)->effective, core::kInt8);
    EXPECT_EQ(window.workspace()->results()->report->outputs[0].error.l2,
              before->report->outputs[0].error.l2);
}

TEST_F(Window, CancelKeepsTheOldNumbersMarked)
{
    open();
    const auto before = window.workspace()->results();
    QTest::keyClick(&window, Qt::Key_3);
    window.controller()->cancel();
    EXPECT_FALSE(window.controller()->isBusy());
    EXPECT_EQ(window.workspace()->results(), before);
    EXPECT_TRUE(window.workspace()->isStale());
    QTest::keyClick(&window, Qt::Key_F5);
    waitUntilIdle();
    EXPECT_FALSE(window.workspace()->isStale());
}

TEST_F(Window, NudgesInARowAreOneStepOfUndo)
{
    open();
    const int before = window.workspace()->undoStack()->count();
    QTest::keyClick(&window, Qt::Key_BracketLeft);
    QTest::keyClick(&window, Qt::Key_BracketLeft);
    QTest::keyClick(&window, Qt::Key_BracketLeft);
    EXPECT_EQ(window.workspace()->undoStack()->count(), before + 1);
    waitUntilIdle();
}

TEST_F(Window, BadModelIsToldInOneSentence)
{
    QSignalSpy failed(window.controller(), &app::RunController::failed);
    window.openProject(support::temporaryFolder() / "none.onnx", {});
    ASSERT_TRUE(failed.wait(20000));
    EXPECT_TRUE(failed[0][0].toString().contains(QStringLiteral("none.onnx")));
    EXPECT_FALSE(window.controller()->isBusy());
}

TEST(CommandLine, SaysWhatThePlanSays)
{
    core::QuantizationPlan plan = core::QuantizationPlan::makeDefault();
    plan.operators["a b"].activation.method = core::CalibrationMethod{"entropy", std::nullopt};
    EXPECT_EQ(
        app::commandFor("m.onnx", "d.json", plan),
        QStringLiteral("noisefloor-cli run m.onnx --data d.json --set 'a b::activation.method=entropy'"));
    plan.defaults.precision = core::kFp32;
    EXPECT_TRUE(app::commandFor("m.onnx", {}, plan).endsWith(QStringLiteral("run m.onnx --plan plan.json")));
}

} // namespace
