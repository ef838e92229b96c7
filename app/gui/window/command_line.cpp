#include "app/gui/window/command_line.h"

#include "core/plan/plan_fields.h"
#include "io/plans/plan_json.h"

#include <QRegularExpression>
#include <QStringList>

namespace app {

namespace {

QStringList assignments(const core::OperatorSettings& settings)
{
    QStringList all;
    for (const core::PlanField& field : core::planFields()) {
        const auto value = field.get(settings);
        const bool isImplied = settings.activation.range && field.key == "activation.method";
        if (value && !isImplied) { // a range says `manual` as well
            all << QString::fromUtf8(field.key.data(), qsizetype(field.key.size())) + QLatin1Char('=')
                    + QString::fromStdString(core::textOf(*value));
        }
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
