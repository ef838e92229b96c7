// The doctor in the real window, on the built-in sample with its planted problem.
#include "io/plans/plan_json.h"
#include "tests/gui/window_fixture.h"
#include "views/doctor/doctor_view.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

class DoctorDock : public support::Window
{
protected:
    void SetUp() override
    {
        open();
        window.workspace()->edit({std::make_shared<core::QuantizationPlan>(io::readPlan(
                                      support::projectFile("resources/sample/sample.plan.json"))),
                                  QStringLiteral("per tensor"),
                                  {}});
        waitUntilIdle();
        ASSERT_TRUE(window.raiseDock(QStringLiteral("Doctor")));
        QTest::qWait(0);
    }

    void waitForDiagnosis()
    {
        QSignalSpy busy(window.diagnosis(), &app::DiagnosisService::busyChanged);
        while (window.diagnosis()->isBusy()) {
            ASSERT_TRUE(busy.wait(240000));
        }
    }
    template <typename Widget>
    Widget* find(const char* name)
    {
        return window.findChild<Widget*>(QLatin1String(name));
    }
};

TEST_F(DoctorDock, NamesTheGuiltyOperatorAndItsFixBringsTheAccuracyBack)
{
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    ASSERT_TRUE(window.diagnosis()->isBusy());
    waitForDiagnosis();
    const auto* const view = find<views::DoctorView>("doctorView");
    ASSERT_TRUE(view->diagnosis());
    ASSERT_FALSE(view->diagnosis()->findings.empty());
    EXPECT_EQ(view->diagnosis()->findings.front().guilty, "block1/depthwise");
    const double before = window.workspace()->results()->report->accuracy->quantized.top1;
    EXPECT_LT(before, 60.0);
    ASSERT_TRUE(find<QPushButton>("doctorAccept")->isEnabled());
    QTest::mouseClick(find<QPushButton>("doctorAccept"), Qt::LeftButton);
    waitUntilIdle();
    EXPECT_GT(window.workspace()->results()->report->accuracy->quantized.top1, 90.0);
    window.workspace()->undoStack()->undo();
    waitUntilIdle();
    EXPECT_EQ(window.workspace()->results()->report->accuracy->quantized.top1, before);
}

TEST_F(DoctorDock, AnEditDropsTheDiagnosisUnderWay)
{
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    window.workspace()->undoStack()->undo();
    EXPECT_FALSE(window.diagnosis()->isBusy());
    waitUntilIdle();
    EXPECT_FALSE(find<views::DoctorView>("doctorView")->diagnosis());
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    EXPECT_FALSE(window.diagnosis()->isBusy()) << "stopped by hand";
}

} // namespace
