#include "views/doctor/doctor_view.h"

#include "tests/support/report_fixture.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace {

/// Two findings on the made-up run: pw2 clips (two fixes, the second is refused), dw3 is ordinary.
std::shared_ptr<const core::Diagnosis> makeDiagnosis(const core::Results& results)
{
    auto diagnosis = std::make_shared<core::Diagnosis>();
    diagnosis->plan = results.report->plan;
    diagnosis->quality = {12.5, 40.0, 60};
    core::Finding clipped;
    clipped.cause = core::DiagnosedCause::ClippedTooHard;
    clipped.severity = 0.81;
    clipped.guilty = "pw2";
    clipped.explanation = "pw2 cuts off what matters";
    clipped.proofs = {{"clipped", 3.5, "%", 60}, {"bits", 8.0, "", 0}};
    core::Fix minmax;
    minmax.label = "activation.method=minmax for pw2";
    minmax.apply = [](const core::QuantizationPlan& plan) {
        core::OperatorSettings settings;
        settings.activation.method = core::parseCalibrationMethod("minmax");
        return plan.withOperator("pw2", settings);
    };
    minmax.gainDb = 18.25;
    minmax.gainTop1 = 50.0;
    minmax.measured = core::OutputQuality{30.75, 90.0, 60};
    minmax.recommended = true;
    core::Fix refused = minmax;
    refused.label = "weight.bits=16 for pw2";
    refused.recommended = false;
    refused.gainDb.reset();
    refused.refused = "no kernel";
    clipped.fixes = {minmax, refused};
    core::Finding ordinary;
    ordinary.severity = 0.04;
    ordinary.guilty = "dw3";
    diagnosis->findings = {clipped, ordinary};
    core::OperatorProbe probe;
    probe.atOutput = 0.04;
    probe.parts.emplace();
    probe.parts->clip = 0.03;
    probe.parts->weights = 0.01;
    probe.parts->nudge = -0.0004;
    diagnosis->operators = {{"pw2", probe}, {"dw3", {}}};
    diagnosis->probeSamples = 4;
    diagnosis->fixedPlan = minmax.apply(*diagnosis->plan);
    diagnosis->fixedQuality = *minmax.measured;
    diagnosis->accepted = {minmax.label};
    return diagnosis;
}

class Doctor : public ::testing::Test
{
protected:
    views::Selection selection;
    views::DoctorView view{&selection};
    std::shared_ptr<const core::Results> results = support::makeResults();
    QSignalSpy edits{&view, &views::DoctorView::planEdited};

    void SetUp() override
    {
        view.resize(1000, 300);
        view.show();
        view.setResults(results);
        view.setPlan(results->report->plan);
    }
    template <typename Widget>
    Widget* find(const char* name)
    {
        return view.findChild<Widget*>(QLatin1String(name));
    }
    QString cell(const char* table, int row, int column)
    {
        return find<views::ValueTable>(table)->model()->index(row, column).data().toString();
    }
};

TEST_F(Doctor, ShowsTheWorstFindingWithItsProofAndSelectsItsOperator)
{
    view.setDiagnosis(makeDiagnosis(*results));
    EXPECT_EQ(cell("doctorFindings", 0, 1), QStringLiteral("81.0 %"));
    EXPECT_EQ(cell("doctorFindings", 0, 3), QStringLiteral("pw2"));
    EXPECT_EQ(cell("doctorFindings", 0, 2), QStringLiteral("+18.3"));
    EXPECT_EQ(cell("doctorProofs", 0, 1), QStringLiteral("3.5 %"));
    EXPECT_EQ(cell("doctorProofs", 0, 2), QStringLiteral("60"));
    EXPECT_EQ(find<QLabel>("doctorExplanation")->text(), QStringLiteral("pw2 cuts off what matters"));
    ASSERT_TRUE(selection.current());
    EXPECT_EQ(results->layer(*selection.current())->name, "pw2");
    find<views::ValueTable>("doctorFindings")->selectRow(1);
    EXPECT_EQ(results->layer(*selection.current())->name, "dw3");
    EXPECT_FALSE(find<QPushButton>("doctorAccept")->isEnabled()) << "it has no fix";
}

TEST_F(Doctor, SplitsTheErrorOfTheGuiltyOperatorByFactor)
{
    view.setDiagnosis(makeDiagnosis(*results));
    auto* const factors = find<views::ValueTable>("doctorFactors");
    ASSERT_EQ(factors->model()->rowCount(), 3); // what is 0 is left out
    EXPECT_EQ(cell("doctorFactors", 0, 0), QStringLiteral("+ weight rounding"));
    EXPECT_EQ(cell("doctorFactors", 1, 0), QStringLiteral("+ clipping"));
    EXPECT_EQ(cell("doctorFactors", 1, 1), QStringLiteral("75.0 %"));
    EXPECT_EQ(cell("doctorFactors", 1, 2), QString(5, QChar(0x2588))); // 4.5 of 6 cells, rounded
    EXPECT_EQ(cell("doctorFactors", 1, 3), QStringLiteral("17.3 %")); // √0.03
    EXPECT_EQ(cell("doctorFactors", 2, 0).trimmed(), QStringLiteral("zero-point nudge"));
    EXPECT_TRUE(cell("doctorFactors", 2, 1).contains(QStringLiteral("1.0")));
    const QString tip = factors->model()->index(1, 1).data(Qt::ToolTipRole).toString();
    EXPECT_TRUE(tip.contains(QStringLiteral("4 samples")) || tip.contains(QStringLiteral("Σe²")))
        << tip.toStdString();
    find<views::ValueTable>("doctorFindings")->selectRow(1);
    EXPECT_EQ(factors->model()->rowCount(), 0);
    EXPECT_TRUE(find<QLabel>("doctorFactorsHeading")->text().contains(QStringLiteral("not split")));
}

TEST_F(Doctor, AcceptsTheRecommendedFixInOneClick)
{
    view.setDiagnosis(makeDiagnosis(*results));
    QTest::mouseClick(find<QPushButton>("doctorAccept"), Qt::LeftButton);
    ASSERT_EQ(edits.count(), 1);
    const auto edit = edits.front().front().value<views::PlanEdit>();
    EXPECT_EQ(edit.plan->operators.at("pw2").activation.method, core::parseCalibrationMethod("minmax"));
    EXPECT_EQ(edit.label, QStringLiteral("activation.method=minmax for pw2"));
}

TEST_F(Doctor, TryingPinsTheBaselineFirst)
{
    view.setDiagnosis(makeDiagnosis(*results));
    QSignalSpy baseline(&view, &views::DoctorView::baselineWanted);
    QTest::mouseClick(find<QPushButton>("doctorTry"), Qt::LeftButton);
    EXPECT_EQ(baseline.count(), 1);
    EXPECT_EQ(edits.count(), 1);
}

TEST_F(Doctor, AFixThatCannotBeTriedIsNotOffered)
{
    view.setDiagnosis(makeDiagnosis(*results));
    find<views::ValueTable>("doctorFixes")->selectRow(1);
    EXPECT_FALSE(find<QPushButton>("doctorTry")->isEnabled());
    QTest::keyClick(find<views::ValueTable>("doctorFixes"), Qt::Key_Return);
    EXPECT_EQ(edits.count(), 0);
}

TEST_F(Doctor, SaysWhenThePlanHasMovedOn)
{
    view.setDiagnosis(makeDiagnosis(*results));
    EXPECT_TRUE(find<QPushButton>("doctorApplyAll")->isEnabled());
    view.setPlan(std::make_shared<core::QuantizationPlan>(makeDiagnosis(*results)->fixedPlan));
    EXPECT_FALSE(find<QPushButton>("doctorApplyAll")->isEnabled());
    EXPECT_TRUE(find<QLabel>("doctorSummary")->text().contains(QStringLiteral("earlier plan")));
    view.setResults(nullptr);
    EXPECT_FALSE(view.diagnosis());
    EXPECT_EQ(find<views::ValueTable>("doctorFindings")->model()->rowCount(), 0);
}

TEST_F(Doctor, OneButtonStartsAndStops)
{
    QSignalSpy wanted(&view, &views::DoctorView::diagnosisWanted);
    QSignalSpy stopped(&view, &views::DoctorView::cancelWanted);
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    view.setBusy(true);
    QTest::mouseClick(find<QPushButton>("doctorStart"), Qt::LeftButton);
    EXPECT_EQ(wanted.count(), 1);
    EXPECT_EQ(stopped.count(), 1);
}

} // namespace
