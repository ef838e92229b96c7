#include "views/doctor/doctor_tables.h"

#include "views/base/format.h"
#include "views/base/value_table.h"

#include <QAbstractItemView>
#include <QCoreApplication>

namespace views {

namespace {

QString text(const char* source) { return QCoreApplication::translate("views::DoctorView", source); }

} // namespace

Cell gainCell(const std::optional<double>& gain)
{
    return {gain ? (*gain >= 0.0 ? QStringLiteral("+") : QString()) + decibelText(*gain) : missingText(),
            gain ? QVariant(*gain) : QVariant(),
            {},
            {}};
}

ValueTable* makeFindingsTable(QWidget* parent)
{
    const auto tr = text;
    auto* const table = new ValueTable(
        QStringLiteral("doctorFindings"), tr("Findings, worst first"),
        {{tr("#"), tr("Order: share of the output error that it explains, causes before their symptoms"),
          true},
         {tr("Share"), tr("Share of the squared output error Σ(y−ŷ)² that it explains, in percent"), true},
         {tr("Best fix (dB)"),
          tr("Gain of the recommended fix alone: SQNR of the output with it minus without, measured on the "
             "evaluation samples"),
          true},
         {tr("Operator"), tr("Operator or input that is to blame"), false},
         {tr("Cause"), tr("What is wrong there"), false}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

ValueTable* makeProofsTable(QWidget* parent)
{
    const auto tr = text;
    return new ValueTable(
        QStringLiteral("doctorProofs"), tr("Numbers that prove the finding"),
        {{tr("Proof"), tr("What was measured"), false},
         {tr("Value"), tr("In the unit given; none for ratios"), true},
         {tr("Samples"), tr("It was measured on; none where weights or the plan say it"), true}},
        parent);
}

ValueTable* makeFixesTable(QWidget* parent)
{
    const auto tr = text;
    auto* const table = new ValueTable(
        QStringLiteral("doctorFixes"), tr("Fixes of the finding, best first"),
        {{tr("dB"), tr("Gain in dB: SQNR of the output with this fix alone minus without, measured"), true},
         {tr("Top-1"),
          tr("Gain in points: percent of samples classified right with this fix alone minus without"), true},
         {tr("Costs"), tr("What it costs when the network is deployed"), false},
         {tr("Fix"),
          tr("Change of the plan. ● is recommended: the cheapest that gains nearly as much as the best"),
          false}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

QString costText(core::FixCost cost)
{
    switch (cost) {
    case core::FixCost::None:
        return text("nothing");
    case core::FixCost::MoreBits:
        return text("more bits");
    case core::FixCost::Float:
        return text("runs in FP32");
    }
    return {};
}

} // namespace views
