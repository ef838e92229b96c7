// Calibration methods side by side: on the selected tensor, on the whole network.
#include "tests/support/report_fixture.h"
#include "views/base/plot_tools.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"
#include "views/methods/methods_view.h"
#include "views/methods/network_methods.h"
#include "views/methods/tensor_methods.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace {

using core::OperatorId;

class Methods : public ::testing::Test
{
protected:
    views::Selection selection;
    views::TensorCostsService service;
    views::MethodsView view{&selection, &service};
    std::shared_ptr<const core::Results> results = support::makeResults();
    views::PlanEdit edit;

    void SetUp() override
    {
        view.resize(1000, 260);
        view.show();
        view.setPlan(results->report->plan);
        view.setResults(results);
        QObject::connect(&view, &views::MethodsView::planEdited, [this](const auto& e) { edit = e; });
    }

    void showCosts()
    {
        selection.select(OperatorId{4});
        QSignalSpy ready(&service, &views::TensorCostsService::ready);
        service.request(results->calibration, "dw3_out", {}, {0.0, 1.0});
        while (service.isBusy()) { // twice: without the variants of other tools first
            ASSERT_TRUE(ready.wait(20000));
        }
    }
    QPushButton* button(int scope)
    {
        return view.findChild<QPushButton*>(QStringLiteral("methodsApply%1").arg(scope));
    }
    views::SmallMultiples* multiples(const char* name)
    {
        return view.findChild<views::SmallMultiples*>(QLatin1String(name));
    }
    core::NetworkOutcome outcomeOf(const char* method, double decibels) const
    {
        auto report = std::make_shared<core::Report>(*results->report);
        report->outputs[0].error.sqnrDb = decibels;
        const core::CalibrationMethod chosen{method, std::nullopt};
        report->plan = std::make_shared<core::QuantizationPlan>(
            core::withActivationMethod(*results->report->plan, chosen));
        return {chosen, report};
    }
};

TEST_F(Methods, ClickOnASmallHistogramChoosesAndOneClickApplies)
{
    showCosts();
    auto* const small = multiples("methodHistograms");
    EXPECT_FALSE(button(3)->isEnabled()) << "nothing is chosen yet";
    QTest::mouseClick(small, Qt::LeftButton, {}, small->panelRect(2).center());
    EXPECT_EQ(view.findChild<views::ValueTable*>(QStringLiteral("methodsTable"))->selectedKeys(),
              std::vector<int>{2});
    QTest::mouseClick(button(3), Qt::LeftButton);
    ASSERT_TRUE(edit.plan);
    EXPECT_NE(edit.plan->operators.at("dw3").activation.method->name, "minmax");
    EXPECT_EQ(edit.plan->operators.size(), 1U);
}

TEST_F(Methods, AppliesToTheSelectionAndToTheType)
{
    showCosts();
    selection.selectMany({OperatorId{4}, OperatorId{6}}, OperatorId{4});
    QSignalSpy ready(&service, &views::TensorCostsService::ready);
    service.request(results->calibration, "dw3_out", {}, {0.0, 1.0});
    auto* const small = multiples("methodHistograms");
    QTest::mouseClick(small, Qt::LeftButton, {}, small->panelRect(1).center());
    QTest::mouseClick(button(0), Qt::LeftButton);
    EXPECT_EQ(edit.plan->operators.size(), 2U);
    EXPECT_TRUE(edit.plan->operators.contains("add3"));
    QTest::mouseClick(button(1), Qt::LeftButton);
    EXPECT_TRUE(edit.plan->operators.contains("conv1"));
    EXPECT_FALSE(edit.plan->operators.contains("add3")) << "an Add is no Conv";
}

TEST_F(Methods, ForAllGoesThroughTheDefaultsAndOverridesGiveWay)
{
    core::QuantizationPlan plan = *results->report->plan;
    plan.operators["dw3"].activation.method = core::CalibrationMethod{"l2", std::nullopt};
    view.setPlan(std::make_shared<core::QuantizationPlan>(plan));
    showCosts();
    auto* const small = multiples("methodHistograms");
    QTest::mouseClick(small, Qt::LeftButton, {}, small->panelRect(2).center());
    QTest::mouseClick(button(2), Qt::LeftButton);
    ASSERT_TRUE(edit.plan);
    EXPECT_NE(edit.plan->defaults.activation.method->name, "minmax");
    EXPECT_FALSE(edit.plan->operators.contains("dw3"));
}

TEST_F(Methods, KeysMoveThroughTheSmallHistograms)
{
    showCosts();
    auto* const small = multiples("methodHistograms");
    QTest::mouseClick(small, Qt::LeftButton, {}, small->panelRect(0).center());
    QTest::keyClick(small, Qt::Key_Right);
    QTest::keyClick(small, Qt::Key_Return);
    ASSERT_TRUE(edit.plan);
    EXPECT_TRUE(edit.plan->operators.at("dw3").activation.method);
}

TEST_F(Methods, OutcomesOfTheNetworkComeOneByOneAndApplyToAll)
{
    view.showPage(views::MethodsView::Page::Network);
    auto* const table = view.findChild<views::ValueTable*>(QStringLiteral("networkMethodsTable"));
    const QAbstractItemModelTester tester(table->model(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_EQ(table->model()->rowCount(), 1) << "the plan as it is";
    view.network()->addOutcome(outcomeOf("entropy", 21.0));
    view.network()->addOutcome(outcomeOf("l2", 25.5));
    EXPECT_EQ(table->model()->rowCount(), 3);
    EXPECT_EQ(table->model()->index(2, 1).data().toString(), QStringLiteral("25.5"));
    auto* const small = multiples("methodProfiles");
    QTest::mouseClick(small, Qt::LeftButton, {}, small->panelRect(1).center());
    QTest::mouseClick(button(2), Qt::LeftButton);
    ASSERT_TRUE(edit.plan);
    EXPECT_EQ(edit.plan->defaults.activation.method->name, "l2");
}

TEST_F(Methods, ComparisonOfAnEarlierPlanIsMarked)
{
    view.network()->addOutcome(outcomeOf("entropy", 21.0));
    const auto* const status = view.findChild<QLabel*>(QStringLiteral("networkStatus"));
    auto other = std::make_shared<core::QuantizationPlan>(
        core::withActivationMethod(*results->report->plan, {"l2", std::nullopt}));
    view.setPlan(other);
    EXPECT_FALSE(status->text().contains(QStringLiteral("earlier"))) << "only the method differs";
    other = std::make_shared<core::QuantizationPlan>(*results->report->plan);
    other->defaults.weight.granularity = core::Granularity{core::Granularity::Kind::PerTensor, 0};
    view.setPlan(other);
    EXPECT_TRUE(status->text().contains(QStringLiteral("earlier"))) << status->text().toStdString();
}

TEST_F(Methods, ButtonStartsAndCancels)
{
    QSignalSpy wanted(view.network(), &views::NetworkMethods::compareWanted);
    QSignalSpy cancelled(view.network(), &views::NetworkMethods::cancelWanted);
    view.showPage(views::MethodsView::Page::Network);
    auto* const compare = view.findChild<QPushButton*>(QStringLiteral("networkCompare"));
    QTest::mouseClick(compare, Qt::LeftButton);
    EXPECT_EQ(wanted.count(), 1);
    view.network()->setComparing(true);
    QTest::mouseClick(compare, Qt::LeftButton);
    EXPECT_EQ(cancelled.count(), 1);
    EXPECT_EQ(wanted.count(), 1);
}

TEST_F(Methods, SmallMultiplesAreSavedInEveryFormat)
{
    showCosts();
    auto* const small = multiples("methodHistograms");
    const QTemporaryDir folder;
    for (const char* const ending : {"png", "svg", "pdf", "csv"}) {
        const QString file = folder.filePath(QStringLiteral("small.") + QLatin1String(ending));
        ASSERT_TRUE(views::saveWidget(small, file, [&] { return small->asCsv(); })) << ending;
        EXPECT_GT(QFile(file).size(), 400) << ending;
    }
    EXPECT_GT(small->asCsv().count(QLatin1Char('\n')), 100);
}

} // namespace
