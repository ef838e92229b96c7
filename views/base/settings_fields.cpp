#include "views/base/settings_fields.h"

#include <QCoreApplication>

#include <algorithm>

namespace views {

namespace {

QString qt(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString translated(std::string_view text)
{
    return text.empty() ? QString() : QCoreApplication::translate("Settings", std::string(text).c_str());
}

/// "activation.power_of_two" → "activationPowerOfTwo".
QString nameOf(std::string_view key)
{
    QString name;
    bool isUpper = false;
    for (const char c : key) {
        if (c == '.' || c == '_') {
            isUpper = true;
        } else {
            const QChar letter = QLatin1Char(c);
            name += isUpper ? letter.toUpper() : letter;
            isUpper = false;
        }
    }
    return name;
}

std::optional<QString> optionalText(const std::optional<std::string>& text)
{
    return text ? std::optional(QString::fromStdString(*text)) : std::nullopt;
}

SettingsField fieldOf(const core::PlanField& row)
{
    SettingsField made{.key = qt(row.key),
                       .name = nameOf(row.key),
                       .half = row.part,
                       .rare = row.isRare,
                       .label = translated(row.label),
                       .help = translated(row.help),
                       .integerOnly = row.isForIntegers,
                       .ofWholePlan = row.isOfWholePlan};
    for (const core::PlanField::Choice& choice : row.choices) {
        made.choices.push_back({qt(choice.value), translated(choice.title), translated(choice.help)});
    }
    made.get = [&row](const core::OperatorSettings& settings) { return optionalText(row.shown(settings)); };
    made.choice = [&row](const core::OperatorSettings& settings) {
        return optionalText(row.choice(settings));
    };
    made.set = [&row](core::OperatorSettings& settings, const QString& text) {
        row.set(settings, text.toStdString());
    };
    made.clear = row.clear;
    return made;
}

/// Whoever chooses a precision by hand chooses both widths with it.
void letPrecisionSetWidths(SettingsField& precision)
{
    precision.set = [set = precision.set](core::OperatorSettings& settings, const QString& text) {
        set(settings, text);
        if (settings.precision->isInteger()) {
            settings.activation.bits.reset();
            settings.weight.bits.reset();
        }
    };
}

/// Precision first, then how ranges are chosen, then the rest in the order of plans.
int placeOf(const SettingsField& field)
{
    return field.key == QLatin1String("precision") ? 0 : field.key.endsWith(QLatin1String(".method")) ? 1 : 2;
}

} // namespace

const std::vector<SettingsField>& settingsFields()
{
    static const std::vector<SettingsField> kFields = [] {
        std::vector<SettingsField> all;
        for (const core::PlanField& row : core::planFields()) {
            if (!row.label.empty()) {
                all.push_back(fieldOf(row));
            }
        }
        letPrecisionSetWidths(all.front());
        std::ranges::stable_sort(all, {}, placeOf);
        return all;
    }();
    return kFields;
}

} // namespace views
