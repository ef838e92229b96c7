// Sensitivity in the real window, on the built-in sample with its planted problem.
#include "io/plans/plan_json.h"
#include "tests/gui/window_fixture.h"
#include "views/base/value_table.h"
#include "views/sensitivity/sensitivity_view.h"

#include <QComboBox>
#include <QPushButton>
#include <QTest>

#include <algorithm>
#include <gtest/gtest.h>

namespace {

class SensitivityDock : public support::Window
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
        ASSERT_TRUE(window.raiseDock(QStringLiteral("Sensitivity")));
        QTest::qWait(0);
    }

    template <typename Widget>
    Widget* find(const char* name)
    {
        return window.findChild<Widget*>(QLatin1String(name));
    }

    core::SensitivityTable measure(int method)
    {
        find<QComboBox>("sensitivityMethod")->setCurrentIndex(method);
        QTest::mouseClick(find<QPushButton>("sensitivityStart"), Qt::LeftButton);
        QSignalSpy busy(window.sensitivity(), &app::SensitivityService::busyChanged);
        while (window.sensitivity()->isBusy() && busy.wait(240000)) { }
        const auto& table = find<views::SensitivityView>("sensitivityView")->table();
        return table ? *table : core::SensitivityTable{};
    }
};

TEST_F(SensitivityDock, ADiagnosisUnderWayIsNotCutOff)
{
    window.diagnosis()->start(window.workspace()->plan());
    ASSERT_TRUE(window.diagnosis()->isBusy());
    const QSignalSpy refused(window.sensitivity(), &app::SensitivityService::failed);
    QSignalSpy ready(window.diagnosis(), &app::DiagnosisService::ready);
    QTest::mouseClick(find<QPushButton>("sensitivityStart"), Qt::LeftButton);
    ASSERT_EQ(refused.size(), 1);
    EXPECT_TRUE(refused[0][0].toString().contains(QStringLiteral("diagnosis")));
    EXPECT_FALSE(window.sensitivity()->isBusy());
    const QSignalSpy notCompared(window.comparison(), &app::BatchService::failed);
    window.comparison()->start(window.workspace()->plan());
    EXPECT_EQ(notCompared.size(), 1);
    EXPECT_TRUE(window.diagnosis()->isBusy());
    EXPECT_TRUE(ready.wait(240000));
}

TEST_F(SensitivityDock, FastAndExactNameTheSameWorstAndARowSelectsItsOperator)
{
    const core::SensitivityTable exact = measure(1);
    ASSERT_FALSE(exact.rows.empty());
    EXPECT_EQ(exact.method, core::SensitivityMethod::Exact);
    const auto worst = std::ranges::max_element(
        exact.rows, {}, [](const core::OperatorTruths& row) { return row.onlyThis.value_or(0.0); });
    EXPECT_EQ(worst->name, "block1/depthwise");
    EXPECT_GT(worst->gainDb.value_or(0.0), 10.0);
    for (const core::OperatorTruths& row : exact.rows) {
        EXPECT_TRUE(row.allButThis && !row.isPredicted) << row.name;
    }
    const core::SensitivityTable fast = measure(0);
    const auto again = std::ranges::max_element(
        fast.rows, {}, [](const core::OperatorTruths& row) { return row.onlyThis.value_or(0.0); });
    ASSERT_NE(again, fast.rows.end());
    EXPECT_EQ(again->name, worst->name);
    EXPECT_EQ(again->onlyThis, worst->onlyThis) << "the worst ones are measured, not predicted";

    auto* const rows = find<views::ValueTable>("sensitivityRows");
    const QModelIndex last = rows->model()->index(rows->model()->rowCount() - 1, 0);
    rows->scrollTo(last);
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, rows->visualRect(last).center());
    ASSERT_TRUE(window.selection()->current());
    const auto layer = window.workspace()->results()->layer(last.data().toString().toStdString());
    ASSERT_TRUE(layer);
    EXPECT_EQ(window.selection()->current(), layer->id);
}

} // namespace
