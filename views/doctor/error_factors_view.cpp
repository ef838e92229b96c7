#include "views/doctor/error_factors_view.h"

#include "core/diagnosis/error_factors.h"
#include "views/base/format.h"
#include "views/base/value_table.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

QString factorText(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

constexpr int kBarCells = 6;

/// "██████" for 60 %: a bar that copies as text, too.
QString barOf(double share)
{
    const auto cells = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kBarCells));
    return QString(cells, QChar(0x2588));
}

ValueTable* makeTable(QWidget* parent)
{
    const auto tr = [](const char* text) { return ErrorFactorsView::tr(text); };
    return new ValueTable(
        QStringLiteral("doctorFactors"), tr("What the operator's error is made of"),
        {{tr("Factor"), tr("What of its quantization was applied to the FP32 network"), false},
         {tr("Of its error"),
          tr("Σe² at the output from this factor alone ÷ Σe² from all of the operator's quantization, in "
             "percent. Parts (+) follow one another and add up but for interference"),
          true},
         {QString(), tr("The share as a bar, full at 100 %"), false},
         {tr("At output"), tr("100·‖e‖₂ / ‖y‖₂ of the network's output, in percent"), true}},
        parent);
}

} // namespace

ErrorFactorsView::ErrorFactorsView(QWidget* parent)
    : QWidget(parent)
    , m_heading(new QLabel(this))
    , m_rows(makeTable(this))
{
    setObjectName(QStringLiteral("errorFactors"));
    m_heading->setObjectName(QStringLiteral("doctorFactorsHeading"));
    m_heading->setWordWrap(true);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_heading);
    layout->addWidget(m_rows, 1);
    setOperator(nullptr, {});
}

void ErrorFactorsView::setOperator(const std::shared_ptr<const core::Diagnosis>& diagnosis,
                                   const std::string& name)
{
    const core::AttributedOperator* op = nullptr;
    if (diagnosis) {
        const auto found = std::ranges::find(diagnosis->operators, name, &core::AttributedOperator::name);
        op = found != diagnosis->operators.end() ? &*found : nullptr;
    }
    std::vector<ValueTable::Row> rows;
    if (op && op->probe.parts) {
        for (const core::ErrorFactor& factor : core::errorFactors(*op->probe.parts)) {
            const double share = op->probe.atOutput > 0.0 ? factor.energy / op->probe.atOutput : 0.0;
            const double atOutput = std::copysign(std::sqrt(std::abs(factor.energy)), factor.energy);
            const QString tip = tr("%1. Σe²/Σy² = %2 at the output, %n samples", nullptr,
                                   static_cast<int>(diagnosis->probeSamples))
                                    .arg(factorText(factor.meaning), realText(factor.energy));
            rows.push_back(
                {static_cast<int>(rows.size()),
                 {{(factor.isPart ? QStringLiteral("+ ") : QStringLiteral("   ")) + factorText(factor.name),
                   {},
                   {},
                   tip},
                  {shareText(share), share, std::sqrt(std::clamp(share, 0.0, 1.0)), tip},
                  {barOf(share), {}, {}, tip},
                  {shareText(atOutput), atOutput, {}, tip}}});
        }
    }
    m_rows->setRows(rows);
    m_rows->setVisible(!rows.empty());
    m_heading->setText(!op || name.empty() ? tr("No operator is to blame alone.")
                           : rows.empty()
                           ? tr("%1 was not split: its share of the error is small.").arg(factorText(name))
                           : tr("Error of %1 at the output by factor").arg(factorText(name)));
}

} // namespace views
