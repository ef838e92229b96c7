#include "app/gui/window/command_line.h"

#include "io/plans/plan_json.h"
#include "views/base/settings_fields.h"

#include <QRegularExpression>
#include <QStringList>

namespace app {

namespace {

QStringList assignments(const core::OperatorSettings& settings)
{
    QStringList all;
    const auto add = [&](const char* key, const std::string& value) {
        all << QLatin1String(key) + QLatin1Char('=') + QString::fromStdString(value);
    };
    const auto number = [](double v) { return QString::number(v, 'g', 17).toStdString(); };
    for (const views::SettingsField& field : views::settingsFields()) {
        const auto value = field.get(settings);
        if (value
            && !(settings.activation.range
                 && QLatin1String(field.key) == QLatin1String("activation.method"))) {
            add(field.key, value->toStdString());
        }
    }
    if (settings.activation.range) { // says `manual` as well
        add("activation.range",
            '[' + number(settings.activation.range->min) + ',' + number(settings.activation.range->max)
                + ']');
    }
    return all;
}

} // namespace

QString shellQuoted(const QString& text)
{
    static const QRegularExpression kPlain(QStringLiteral("^[A-Za-z0-9_./:=,@%+-]+$"));
    if (kPlain.match(text).hasMatch()) {
        return text;
    }
    return QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QStringLiteral("'\\''"))
        + QLatin1Char('\'');
}

QString commandFor(const QString& model, const QString& data, const core::QuantizationPlan& plan,
                   const std::map<std::string, core::Shape>& shapes)
{
    QString command = QStringLiteral("noisefloor-cli run ") + shellQuoted(model);
    if (!data.isEmpty()) {
        command += QStringLiteral(" --data ") + shellQuoted(data);
    }
    for (const auto& [name, shape] : shapes) {
        QStringList sides;
        for (const std::int64_t side : shape) {
            sides << QString::number(side);
        }
        command += QStringLiteral(" --shape ")
            + shellQuoted(QString::fromStdString(name) + QLatin1Char('=') + sides.join(QLatin1Char(',')));
    }
    core::QuantizationPlan defaults = core::QuantizationPlan::makeDefault();
    defaults.operators = plan.operators;
    if (defaults != plan) { // more than overrides by operator: --set does not reach it
        return QStringLiteral("cat > plan.json <<'EOF'\n%1\nEOF\n%2 --plan plan.json")
            .arg(QString::fromStdString(io::planToJson(plan)).trimmed(), command);
    }
    for (const auto& [name, settings] : plan.operators) {
        for (const QString& assignment : assignments(settings)) {
            command += QStringLiteral(" --set ")
                + shellQuoted(QString::fromStdString(name) + QStringLiteral("::") + assignment);
        }
    }
    return command;
}

} // namespace app
