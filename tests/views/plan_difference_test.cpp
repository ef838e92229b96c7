#include "views/runs/plan_difference.h"

#include "views/base/settings_fields.h"

#include <gtest/gtest.h>

namespace {

TEST(PlanDifference, NamesEverySettingThatDiffers)
{
    const core::QuantizationPlan before = core::QuantizationPlan::makeDefault();
    core::QuantizationPlan after = before;
    after.defaults.activation.method = core::CalibrationMethod{"entropy", std::nullopt};
    after.operators["dw3"].precision = core::kFp32;
    after.inputs["image"].activation.range = core::Range{-1.0, 2.0};
    after.quantizeOutputs = false;
    const auto differences = views::planDifference(before, after);
    ASSERT_EQ(differences.size(), 4U);
    const QString text = views::planDifferenceText(before, after);
    EXPECT_TRUE(text.contains(QStringLiteral("defaults · activation.method minmax → entropy")))
        << text.toStdString();
    EXPECT_TRUE(text.contains(QStringLiteral("dw3 · precision – → fp32")));
    EXPECT_TRUE(views::planDifferenceText(after, after).isEmpty());
}

TEST(SettingsFields, ReadBackWhatTheyWrite)
{
    for (const views::SettingsField& field : views::settingsFields()) {
        ASSERT_FALSE(field.choices.empty()) << field.key.toStdString();
        EXPECT_FALSE(field.help.isEmpty()) << field.key.toStdString();
        for (const auto& choice : field.choices) {
            core::OperatorSettings settings;
            field.set(settings, choice.value);
            EXPECT_EQ(field.choice(settings), choice.value) << field.key.toStdString();
            field.clear(settings);
            EXPECT_FALSE(field.get(settings)) << field.key.toStdString();
        }
    }
}

} // namespace
