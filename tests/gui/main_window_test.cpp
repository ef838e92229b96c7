#include "app/gui/window/main_window.h"

#include "app/gui/window/command_line.h"
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
    QSignalSpy failed(window.controller(), &app::RunController::openFailed);
    window.openProject(support::temporaryFolder() / "none.onnx", {});
    ASSERT_TRUE(failed.wait(20000));
    EXPECT_TRUE(failed[0][0].toString().contains(QStringLiteral("none.onnx")));
    EXPECT_FALSE(failed[0][1].toBool()) << "no other data would help";
    EXPECT_FALSE(window.controller()->isBusy());
}

TEST_F(Window, WhatIsOpenStaysOpenWhenAnotherModelCannotBeOpened)
{
    open();
    QTest::keyClick(&window, Qt::Key_F); // an edit, and its run
    waitUntilIdle();
    const auto results = window.workspace()->results();
    const QString title = window.windowTitle();
    QSignalSpy failed(window.controller(), &app::RunController::openFailed);
    window.openProject(support::temporaryFolder() / "none.onnx", {});
    ASSERT_TRUE(failed.wait(20000));
    window.findChild<QMessageBox*>(QStringLiteral("failureBox"))->close();
    window.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    EXPECT_EQ(window.workspace()->results(), results);
    EXPECT_EQ(window.workspace()->runs().size(), 2u);
    EXPECT_TRUE(window.workspace()->undoStack()->canUndo());
    EXPECT_EQ(window.windowTitle(), title);
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    waitUntilIdle();
    EXPECT_FALSE(window.workspace()->isStale());
    EXPECT_NE(window.workspace()->results(), results) << "and it still runs";
}

TEST_F(Window, AnEditLeavesTheSelectionWhereItIs)
{
    open();
    const auto worst = window.selection()->current();
    ASSERT_TRUE(worst);
    QTest::keyClick(&window, Qt::Key_F);
    waitUntilIdle();
    EXPECT_EQ(window.selection()->current(), worst) << "though another one is the worst now";
    QTest::keyClick(&window, Qt::Key_F);
    waitUntilIdle();
    EXPECT_TRUE(window.workspace()->plan()->operators.empty()) << "the same operator, as it was";
}

TEST_F(Window, RedoSelectsOneOperatorThoughShiftIsStillHeld)
{
    open();
    QTest::keyClick(&window, Qt::Key_F);
    waitUntilIdle();
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    waitUntilIdle();
    QTest::keyPress(&window, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    waitUntilIdle();
    EXPECT_EQ(window.selection()->operators().size(), 1u);
    QTest::keyRelease(&window, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
}

TEST_F(Window, TheLowerDocksKeepTheirHeightHoweverOftenItRuns)
{
    open();
    const auto* const dock = window.findChild<QDockWidget*>(QStringLiteral("profileDock"));
    const int height = dock->height();
    for (int i = 0; i < 4; ++i) {
        QTest::keyClick(&window, Qt::Key_BracketLeft);
        waitUntilIdle();
        QTest::keyClick(&window, Qt::Key_B);
        QTest::qWait(0);
    }
    EXPECT_EQ(dock->height(), height);
}

TEST_F(Window, UnsavedEditsAreAskedAbout)
{
    open();
    window.setAsksBeforeLeaving(true);
    QTest::keyClick(&window, Qt::Key_F);
    waitUntilIdle();
    EXPECT_TRUE(window.isWindowModified());
    const auto answer = [](QMessageBox::StandardButton button) {
        QTimer::singleShot(0, qApp, [button] {
            auto* const box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            ASSERT_TRUE(box);
            box->button(button)->click();
        });
    };
    answer(QMessageBox::Cancel);
    EXPECT_FALSE(window.close());
    EXPECT_TRUE(window.isVisible());
    QSignalSpy written(window.writer(), &app::FileWriter::written);
    window.saveSession(support::temporaryFolder() / "kept.nfs");
    EXPECT_FALSE(window.isWindowModified());
    ASSERT_TRUE(written.count() || written.wait(60000)); // a window that writes waits with closing
    window.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_F);
    ASSERT_TRUE(window.isWindowModified());
    answer(QMessageBox::Discard);
    EXPECT_TRUE(window.close());
}

TEST_F(Window, ClosingWaitsForASessionThatIsBeingWritten)
{
    open();
    const auto file = support::temporaryFolder() / "closing.nfs";
    std::filesystem::remove(file);
    window.saveSession(file);
    EXPECT_FALSE(window.close());
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window.isVisible(); }, 60000));
    EXPECT_GT(std::filesystem::file_size(file), 1000U);
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
