#include "app/gui/main_window.h"

#include "app/gui/command_line.h"
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

#include <ctime>

namespace {

/// The real window on the built-in sample.
class Window : public ::testing::Test
{
protected:
    app::MainWindow window{app::MainWindow::Layout::Default};

    void open()
    {
        window.controller()->setSensitivitySamples(1);
        window.resize(1400, 900);
        window.show();
        window.openProject(support::projectFile("resources/sample/digits.onnx"),
                           support::projectFile("resources/sample/sample.data.json"));
        waitUntilIdle();
        ASSERT_TRUE(window.workspace()->results());
    }

    void waitUntilIdle()
    {
        QSignalSpy busy(window.controller(), &app::RunController::busyChanged);
        while (window.controller()->isBusy() && busy.wait(120000)) { }
        ASSERT_FALSE(window.controller()->isBusy());
    }
};

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

/// Processor time of this thread: what the UI thread itself spends, however busy the machine is.
double threadMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

TEST_F(Window, EventLoopGoesOnWhileTheNetworkRuns)
{
    open();
    QTimer tick;
    double last = threadMilliseconds();
    double longest = 0.0;
    QObject::connect(&tick, &QTimer::timeout, [&] {
        const double now = threadMilliseconds();
        longest = std::max(longest, now - last);
        last = now;
    });
    tick.start(1);
    QTest::keyClick(&window, Qt::Key_4);
    last = threadMilliseconds();
    waitUntilIdle();
    RecordProperty("longest_stall_ms", std::to_string(longest));
    EXPECT_LT(longest, 300.0) << "ms of work between two turns of the event loop; the aim is 50";
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
