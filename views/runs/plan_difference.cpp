#include "views/runs/plan_difference.h"

#include "views/base/format.h"
#include "views/base/settings_fields.h"

#include <QCoreApplication>
#include <QStringList>

namespace views {

namespace {

QString text(const char* source) { return QCoreApplication::translate("PlanDifference", source); }

void add(std::map<QString, QString>& entries, const QString& whose, const core::OperatorSettings& settings)
{
    for (const SettingsField& field : settingsFields()) {
        if (const auto value = field.get(settings)) {
            entries[whose + QStringLiteral(" · ") + field.key] = *value;
        }
    }
    if (settings.activation.range) {
        entries[whose + QStringLiteral(" · activation.range")] = rangeText(*settings.activation.range);
    }
}

} // namespace

std::map<QString, QString> planEntries(const core::QuantizationPlan& plan)
{
    std::map<QString, QString> entries;
    add(entries, text(QT_TRANSLATE_NOOP("PlanDifference", "defaults")), plan.defaults);
    for (const auto& [name, settings] : plan.types) {
        add(entries, text(QT_TRANSLATE_NOOP("PlanDifference", "type %1")).arg(QString::fromStdString(name)),
            settings);
    }
    for (const auto& [name, settings] : plan.operators) {
        add(entries, QString::fromStdString(name), settings);
    }
    for (const auto& [name, settings] : plan.inputs) {
        add(entries, text(QT_TRANSLATE_NOOP("PlanDifference", "input %1")).arg(QString::fromStdString(name)),
            settings);
    }
    entries[QStringLiteral("outputs")] = plan.quantizeOutputs
        ? text(QT_TRANSLATE_NOOP("PlanDifference", "quantized"))
        : text(QT_TRANSLATE_NOOP("PlanDifference", "float"));
    return entries;
}

std::vector<PlanDifference> planDifference(const core::QuantizationPlan& before,
                                           const core::QuantizationPlan& after)
{
    const std::map<QString, QString> was = planEntries(before);
    const std::map<QString, QString> is = planEntries(after);
    const auto find = [](const std::map<QString, QString>& entries, const QString& path) {
        const auto found = entries.find(path);
        return found == entries.end() ? QString() : found->second;
    };
    std::map<QString, QString> all = was;
    all.insert(is.begin(), is.end());
    std::vector<PlanDifference> differences;
    for (const auto& [path, value] : all) {
        const PlanDifference difference{path, find(was, path), find(is, path)};
        if (difference.before != difference.after) {
            differences.push_back(difference);
        }
    }
    return differences;
}

QString planDifferenceText(const core::QuantizationPlan& before, const core::QuantizationPlan& after)
{
    QStringList lines;
    for (const PlanDifference& difference : planDifference(before, after)) {
        const auto said = [](const QString& value) { return value.isEmpty() ? missingText() : value; };
        lines << QStringLiteral("%1 %2 → %3")
                     .arg(difference.path, said(difference.before), said(difference.after));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace views
