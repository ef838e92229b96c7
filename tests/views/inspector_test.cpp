#include "views/inspector_view.h"

#include "tests/support/report_fixture.h"
#include "views/selection.h"

#include <QComboBox>
#include <QPushButton>

#include <gtest/gtest.h>

namespace {

class Inspector : public ::testing::Test
{
protected:
    views::Selection selection;
    views::InspectorView view{&selection};
    std::shared_ptr<const core::Results> results = support::makeResults();
    views::PlanEdit last;

    void SetUp() override
    {
        view.setPlan(results->report->plan);
        view.setResults(results);
        QObject::connect(&view, &views::InspectorView::planEdited, [this](const auto& edit) {
            last = edit;
            view.setPlan(edit.plan);
        });
    }

    QComboBox* box(const char* name) { return view.findChild<QComboBox*>(QLatin1String(name)); }

    void choose(const char* name, const QString& value)
    {
        const int index = box(name)->findData(value);
        ASSERT_GE(index, 0) << value.toStdString();
        box(name)->setCurrentIndex(index);
        emit box(name)->activated(index);
    }
};

TEST_F(Inspector, ShowsWhatApplies)
{
    selection.select(core::OperatorId{4});
    EXPECT_EQ(box("precision")->currentData().toString(), QStringLiteral("int8"));
    EXPECT_EQ(box("activationMethod")->currentData().toString(), QStringLiteral("minmax"));
    EXPECT_EQ(box("weightGranularity")->currentData().toString(), QStringLiteral("per-channel"));
}

TEST_F(Inspector, EditsTheSelectedOperatorOnly)
{
    selection.select(core::OperatorId{4});
    choose("weightGranularity", QStringLiteral("per-tensor"));
    ASSERT_TRUE(last.plan);
    ASSERT_EQ(last.plan->operators.size(), 1U);
    EXPECT_EQ(last.plan->operators.at("dw3").weight.granularity->kind, core::Granularity::Kind::PerTensor);
    EXPECT_FALSE(last.plan->operators.at("dw3").precision) << "what was not chosen stays unset";
}

TEST_F(Inspector, EditsManyAtOnceAndShowsWhereTheyDiffer)
{
    selection.select(core::OperatorId{4});
    choose("activationMethod", QStringLiteral("entropy"));
    selection.selectMany({core::OperatorId{4}, core::OperatorId{5}}, core::OperatorId{5});
    EXPECT_EQ(box("activationMethod")->currentIndex(), -1) << "several methods";
    choose("precision", QStringLiteral("fp32"));
    EXPECT_EQ(last.plan->operators.at("dw3").precision, core::kFp32);
    EXPECT_EQ(last.plan->operators.at("pw3").precision, core::kFp32);
    EXPECT_EQ(last.plan->operators.at("dw3").activation.method->name, "entropy");
}

TEST_F(Inspector, InputsHaveTheirOwnPartOfThePlan)
{
    selection.select(core::OperatorId{0});
    view.applyMethod({"l2", std::nullopt});
    EXPECT_EQ(last.plan->inputs.at("image").activation.method->name, "l2");
    EXPECT_TRUE(last.plan->operators.empty());
}

TEST_F(Inspector, FloatTogglesAndResetRemovesTheOverride)
{
    selection.select(core::OperatorId{4});
    view.toggleFloat();
    EXPECT_EQ(last.plan->operators.at("dw3").precision, core::kFp32);
    view.toggleFloat();
    EXPECT_EQ(last.plan->operators.at("dw3").precision, core::kInt8);
    view.findChild<QPushButton*>(QStringLiteral("inspectorReset"))->click();
    EXPECT_TRUE(last.plan->operators.empty());
}

TEST_F(Inspector, SelectsAllOfAType)
{
    selection.select(core::OperatorId{6});
    view.findChild<QPushButton*>(QStringLiteral("inspectorSelectType"))->click();
    EXPECT_EQ(selection.operators().size(), 2U);
    EXPECT_EQ(*selection.current(), core::OperatorId{6});
}

} // namespace
