#pragma once

#include "core/plan/plan_fields.h"

#include <QString>

#include <functional>
#include <optional>
#include <vector>

namespace views {

/// A row of core::planFields() as widgets want it: in QString, translated.
struct SettingsField
{
    using Half = core::PlanField::Part;
    struct Choice
    {
        QString value; ///< as the plan writes it
        QString title; ///< as people read it; empty: the value itself
        QString help; ///< one line
    };

    QString key{}; ///< "weight.granularity"
    QString name{}; ///< object name of its widget
    Half half = Half::Output;
    bool rare = false; ///< shown on demand
    QString label{};
    QString help{};
    std::vector<Choice> choices{};
    bool integerOnly = true; ///< says nothing for an operator that is not integer
    bool ofWholePlan = false; ///< stands in the plan's defaults, whatever is selected
    /// What the settings say; none when they do not.
    std::function<std::optional<QString>(const core::OperatorSettings&)> get{};
    /// Which of the choices that is; differs from get() where a value has a parameter of its own.
    std::function<std::optional<QString>(const core::OperatorSettings&)> choice{};
    /// Throws core::Error(Usage) for a value that does not parse.
    std::function<void(core::OperatorSettings&, const QString&)> set{};
    /// The settings say nothing of it any more.
    std::function<void(core::OperatorSettings&)> clear{};
};

/// Every setting of an operator but manual ranges, in the order they are shown.
[[nodiscard]] const std::vector<SettingsField>& settingsFields();

} // namespace views
