#pragma once

#include "core/plan/repair_text.h"
#include "views/base/settings_fields.h"

#include <QCoreApplication>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace views::fields {

using Half = SettingsField::Half;
using Choices = std::vector<SettingsField::Choice>;

[[nodiscard]] inline QString tr(const char* text) { return QCoreApplication::translate("Settings", text); }

template <typename T>
[[nodiscard]] QString valueText(const T& value)
{
    if constexpr (std::is_same_v<T, int>) {
        return QString::number(value);
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? QStringLiteral("true") : QStringLiteral("false");
    } else {
        return QString::fromStdString(core::toString(value));
    }
}

/// A field of `access(settings)`, a std::optional, that `parse` reads from the text of a plan.
template <typename Access, typename Parse>
[[nodiscard]] SettingsField field(SettingsField made, Access access, Parse parse)
{
    made.get = [access](const core::OperatorSettings& settings) {
        const auto& value = access(settings);
        return value ? std::optional(valueText(*value)) : std::nullopt;
    };
    made.choice = made.get;
    made.set = [access, parse](core::OperatorSettings& settings, const QString& text) {
        access(settings) = parse(text.toStdString());
    };
    made.clear = [access](core::OperatorSettings& settings) { access(settings).reset(); };
    return made;
}

/// Whether something is done.
template <typename Access>
[[nodiscard]] SettingsField flagField(SettingsField made, Access access)
{
    made.choices = {{QStringLiteral("true"), tr("yes"), {}}, {QStringLiteral("false"), tr("no"), {}}};
    return field(std::move(made), access, [](const std::string& text) { return text == "true"; });
}

/// Settings that few need: whose arithmetic, whose formulas.
[[nodiscard]] std::vector<SettingsField> rareFields();

} // namespace views::fields
