#include "views/sensitivity/sensitivity_view.h"

#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/base/value_table.h"

#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace views {

namespace {

ValueTable* makeTable(QWidget* parent)
{
    const auto tr = [](const char* text) { return SensitivityView::tr(text); };
    auto* const table = new ValueTable(
        QStringLiteral("sensitivityRows"), tr("What each operator's quantization does"),
        {{tr("Operator"), tr("ONNX name of the operator's anchor node"), false},
         {tr("Type"), tr("ONNX operator type"), false},
         {tr("Isolated"), tr("Of its own output, on quantized FP32 inputs: ‖y−ŷ‖₂ / ‖y‖₂, in percent"), true},
         {tr("Accum."), tr("Of its own output, in the quantized pipeline: ‖y−ŷ‖₂ / ‖y‖₂, in percent"), true},
         {tr("Only this"),
          tr("Of the network's output when it alone is quantized: ‖y−ŷ‖₂ / ‖y‖₂, in percent. ~ is predicted"),
          true},
         {tr("All but this"),
          tr("Of the network's output when it alone stays in FP32: ‖y−ŷ‖₂ / ‖y‖₂, in percent. ~ is "
             "predicted"),
          true},
         {tr("Gain (dB)"),
          tr("SQNR of the network's output with it in FP32 minus that with everything quantized, in dB. ~ is "
             "predicted to first order from one reverse pass per sample: −10·log₁₀(1 − (2·E·Jδ − "
             "‖Jδ‖²)/‖E‖²); "
             "? from energies alone, where no reverse pass leads"),
          true},
         {tr("Top-1 cost"), tr("Points of top-1 that quantizing it alone costs"), true},
         {tr("Top-1 gain"), tr("Points of top-1 that keeping it in FP32 gives back"), true},
         {tr("Flow"),
          tr("Relative error carried to its output per relative error at its inputs: over 1 it amplifies, "
             "below 1 it absorbs. On 4 samples"),
          true},
         {tr("Role"),
          tr("source: most of the error energy at its output is its own; amplifier, absorber: the error that "
             "comes in grows or shrinks by more than 10 %; carrier: it passes on what comes"),
          false},
         {tr("Ranks"),
          tr("≠: its rank by isolated error and its rank at the output differ by more than a quarter of the "
             "operators"),
          false}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

Cell shareCell(const std::optional<double>& share, bool isPredicted = false)
{
    if (!share) {
        return {missingText(), {}, {}, {}};
    }
    return {shareText(*share) + (isPredicted ? QStringLiteral(" ~") : QString()),
            *share,
            heatOfRelativeL2(*share),
            {}};
}

Cell signedCell(const std::optional<double>& number)
{
    return number
        ? Cell{(*number >= 0.0 ? QStringLiteral("+") : QString()) + decibelText(*number), *number, {}, {}}
        : Cell{missingText(), {}, {}, {}};
}

Cell gainCell(const core::OperatorTruths& row, int samples)
{
    Cell cell = signedCell(row.gainDb);
    if (row.gainDb) { // a tenth of a dB is much for one operator of many
        cell.text =
            (*row.gainDb >= 0.0 ? QStringLiteral("+") : QString()) + QString::number(*row.gainDb, 'f', 2);
    }
    if (!row.gainDb || row.gainSource == core::GainSource::Measured) {
        return cell;
    }
    const bool isLinear = row.gainSource == core::GainSource::ReversePass;
    cell.text += isLinear ? QStringLiteral(" ~") : QStringLiteral(" ?");
    cell.toolTip = isLinear
        ? SensitivityView::tr("± %1 dB (standard error over %n samples, linearised)", nullptr, samples)
              .arg(realText(row.gainErrorDb.value_or(0.0)))
        : SensitivityView::tr("Its weights' share of the error energy, errors taken to be "
                              "uncorrelated: no reverse pass leads here");
    return cell;
}

} // namespace

SensitivityView::SensitivityView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_method(new QComboBox(this))
    , m_start(new QPushButton(this))
    , m_bar(new QProgressBar(this))
    , m_summary(new QLabel(this))
    , m_rows(makeTable(this))
{
    setObjectName(QStringLiteral("sensitivityView"));
    m_method->setObjectName(QStringLiteral("sensitivityMethod"));
    m_method->setAccessibleName(tr("How sensitivity is found"));
    m_method->addItem(tr("Fast: predicted, the worst measured"), int(core::SensitivityMethod::Fast));
    m_method->addItem(tr("Exact: every operator alone, and all but it"), int(core::SensitivityMethod::Exact));
    m_start->setObjectName(QStringLiteral("sensitivityStart"));
    m_bar->setObjectName(QStringLiteral("sensitivityProgress"));
    m_bar->setMaximumWidth(200);
    m_summary->setObjectName(QStringLiteral("sensitivitySummary"));
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* const head = new QHBoxLayout;
    head->addWidget(m_method);
    head->addWidget(m_start);
    head->addWidget(m_bar);
    head->addWidget(m_summary, 1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 0);
    layout->addLayout(head);
    layout->addWidget(m_rows, 1);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_busy) {
            emit cancelWanted();
        } else {
            start();
        }
    });
    connect(m_rows, &ValueTable::keySelected, this,
            [this](int op) { m_selection->select(core::OperatorId(op)); });
    connect(m_selection, &Selection::changed, this, &SensitivityView::follow);
    setBusy(false);
}

void SensitivityView::start()
{
    core::SensitivityOptions options;
    options.method = static_cast<core::SensitivityMethod>(m_method->currentData().toInt());
    emit measureWanted(options);
}

void SensitivityView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    if (!m_results) {
        m_table.reset();
        refresh();
    }
    refreshButtons();
}

void SensitivityView::setPlan(std::shared_ptr<const core::QuantizationPlan> plan)
{
    m_plan = std::move(plan);
    refreshSummary();
}

void SensitivityView::setTable(Table table)
{
    m_table = std::move(table);
    refresh();
}

void SensitivityView::setProgress(const core::Progress& progress)
{
    m_bar->setMaximum(static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    m_bar->setFormat(QStringLiteral("%p %"));
    m_summary->setText(tr("%1 …").arg(QString::fromStdString(progress.stage)));
}

void SensitivityView::setBusy(bool busy)
{
    m_busy = busy;
    m_bar->setVisible(busy);
    refreshSummary();
    refreshButtons();
}

void SensitivityView::refresh()
{
    std::vector<ValueTable::Row> rows;
    if (m_table) {
        std::vector<const core::OperatorTruths*> order;
        for (const core::OperatorTruths& row : m_table->rows) {
            order.push_back(&row);
        }
        std::ranges::stable_sort(order, std::greater<>{},
                                 [](const auto* row) { return row->onlyThis.value_or(-1.0); });
        for (const core::OperatorTruths* const row : order) {
            const core::OperatorFlow* const flow =
                m_table->flow ? &m_table->flow->operators[core::indexOf(row->op)] : nullptr;
            const QString name = QString::fromStdString(row->name);
            const std::string_view role = flow ? core::wordFor(flow->role) : std::string_view{};
            const QString ranks = tr("rank %1 isolated, %2 accumulated, %3 at the output")
                                      .arg(row->isolatedRank)
                                      .arg(row->accumulatedRank)
                                      .arg(row->onlyThisRank);
            rows.push_back(
                {static_cast<int>(core::indexOf(row->op)),
                 {{name, {}, {}, name},
                  {QString::fromStdString(row->type), {}, {}, {}},
                  shareCell(row->isolated),
                  shareCell(row->accumulated),
                  shareCell(row->onlyThis, row->isPredicted),
                  shareCell(row->allButThis, row->gainSource != core::GainSource::Measured),
                  gainCell(*row, static_cast<int>(m_table->linearised)),
                  signedCell(row->top1Only),
                  signedCell(row->top1Gain),
                  flow && flow->gain ? Cell{tr("× %1").arg(realText(*flow->gain)), *flow->gain, {}, {}}
                                     : Cell{missingText(), {}, {}, {}},
                  {QString::fromUtf8(role.data(), qsizetype(role.size())), {}, {}, {}},
                  {row->disagrees ? QStringLiteral("≠") : QString(), row->disagrees, {}, ranks}}});
        }
    }
    m_rows->setRows(rows);
    follow();
    refreshSummary();
}

void SensitivityView::refreshSummary()
{
    if (!m_table) {
        m_summary->setText(
            tr("What quantizing one operator does to the network's output, beside its own error."));
        return;
    }
    const auto db = core::sqnrDbOf(m_table->all, m_table->outputs);
    QString text = tr("Everything quantized: output %1 dB", nullptr).arg(db ? decibelText(*db) : tr("∞"));
    if (const auto drop = core::top1DropOf(m_table->all)) {
        text += tr(", top-1 drop %1 points").arg(QString::number(*drop, 'f', 1));
    }
    text += tr("; %n samples", nullptr, static_cast<int>(m_table->all.samples));
    if (m_plan && *m_plan != *m_table->plan) {
        text += tr(". Of an earlier plan: measure again");
    }
    m_summary->setText(text);
    m_rows->setStale(m_plan && *m_plan != *m_table->plan);
}

void SensitivityView::refreshButtons()
{
    m_start->setText(m_busy ? tr("Stop") : tr("Measure"));
    m_start->setToolTip(m_busy ? tr("Stops; what was measured is kept for the next time")
                               : tr("Runs the network with one operator quantized or kept, for each"));
    m_start->setEnabled(m_busy || m_results);
    m_method->setEnabled(!m_busy);
}

void SensitivityView::follow()
{
    const auto current = m_selection->current();
    const bool isListed = m_table && current
        && std::ranges::any_of(m_table->rows, [&](const auto& row) { return row.op == *current; });
    m_rows->selectKey(isListed ? std::optional(static_cast<int>(core::indexOf(*current))) : std::nullopt);
}

} // namespace views
