#include "views/inspector/inspector_view.h"

#include "tests/support/report_fixture.h"
#include "views/base/selection.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

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
    EXPECT_TRUE(last.plan->operators.empty()) << "the defaults quantize";
    view.toggleFloat();
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

TEST_F(Inspector, InheritingOperatorCannotChooseARange)
{
    selection.select(results->layer("flatten")->id);
    EXPECT_FALSE(box("activationMethod")->isEnabled());
    EXPECT_TRUE(box("precision")->isEnabled());
    selection.selectMany({results->layer("flatten")->id, core::OperatorId{4}}, core::OperatorId{4});
    view.applyMethod({"entropy", std::nullopt});
    ASSERT_TRUE(last.plan);
    EXPECT_FALSE(last.plan->operators.contains("flatten")) << "a plan that says so is refused";
    EXPECT_TRUE(last.plan->operators.contains("dw3"));
}

TEST_F(Inspector, OverriddenSettingsAreBold)
{
    selection.select(core::OperatorId{4});
    const auto label = [this](const char* name) {
        for (QLabel* const candidate : view.findChildren<QLabel*>()) {
            if (candidate->buddy() == box(name)) {
                return candidate;
            }
        }
        return static_cast<QLabel*>(nullptr);
    };
    ASSERT_TRUE(label("weightGranularity"));
    EXPECT_FALSE(label("weightGranularity")->font().bold());
    choose("weightGranularity", QStringLiteral("per-tensor"));
    EXPECT_TRUE(label("weightGranularity")->font().bold());
    EXPECT_FALSE(label("weightBits")->font().bold());
}

TEST_F(Inspector, RareSettingsOnDemandAndHelpUnderTheMouse)
{
    view.resize(500, 400);
    view.show();
    selection.select(core::OperatorId{4});
    EXPECT_FALSE(box("backend")->isVisible());
    QTest::mouseClick(view.findChild<QToolButton*>(QStringLiteral("inspectorMore")), Qt::LeftButton);
    EXPECT_TRUE(box("backend")->isVisible());
    choose("backend", QStringLiteral("emulated"));
    EXPECT_EQ(last.plan->operators.at("dw3").backend, core::Backend::Emulated);
    QEvent enter(QEvent::Enter);
    QCoreApplication::sendEvent(box("weightBits"), &enter);
    const auto* const help = view.findChild<QLabel*>(QStringLiteral("inspectorHelp"));
    EXPECT_EQ(help->text(), box("weightBits")->toolTip());
}

TEST_F(Inspector, SaysWhatManyRunAsAndWhy)
{
    selection.selectMany({core::OperatorId{4}, results->layer("softmax")->id}, core::OperatorId{4});
    const QString facts = view.findChild<QLabel*>(QStringLiteral("inspectorFacts"))->text();
    EXPECT_TRUE(facts.contains(QStringLiteral("1 run as int8"))) << facts.toStdString();
    EXPECT_TRUE(facts.contains(QStringLiteral("1 run as fp32"))) << facts.toStdString();
}

} // namespace
