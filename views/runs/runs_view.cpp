#include "views/runs/runs_view.h"

#include "core/report/non_finite.h"
#include "core/session/network_comparison.h"
#include "views/base/elided_label.h"
#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/base/value_table.h"
#include "views/runs/plan_difference.h"

#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace views {

namespace {

const core::LayerReport* layerOf(const core::Results& results, const std::string& name)
{
    const auto& layers = results.report->layers;
    const auto found = std::ranges::find_if(layers, [&](const auto& layer) { return layer->name == name; });
    return found == layers.end() ? nullptr : found->get();
}

Cell percent(bool has, double value)
{
    return has ? Cell{QString::number(value, 'f', 1), value, {}, {}} : Cell{missingText(), {}, {}, {}};
}

Cell decibel(std::optional<double> value)
{
    return value ? Cell{decibelText(*value), *value, {}, {}} : Cell{missingText(), {}, {}, {}};
}

Cell isolatedChange(const core::LayerReport& before, const core::LayerReport& now)
{
    if (!before.isolated || !now.isolated || !before.isolated->sqnrDb || !now.isolated->sqnrDb) {
        return {missingText(), {}, {}, {}};
    }
    const double change = core::decibelGain(before.isolated->sqnrDb, now.isolated->sqnrDb);
    return {(change > 0.0 ? QStringLiteral("+") : QString()) + decibelText(change), change, {}, {}};
}

QString thresholdText(const core::LayerReport& layer)
{
    return layer.activation && !layer.activation->threshold.empty()
        ? rangeText(layer.activation->threshold.front())
        : missingText();
}

} // namespace

RunsView::RunsView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_table(new ValueTable(
          QStringLiteral("runsTable"), tr("Runs"),
          {{tr("Run"), {}, true},
           {tr("Finished"), {}, false},
           {tr("Edit"), tr("What was changed before this run"), false},
           {tr("int8 top-1"), tr("Percent of samples whose highest output is the label"), true},
           {tr("Agreement"), tr("Percent of samples for which both pipelines predict the same class"), true},
           {tr("Output (dB)"), tr("SQNR of the worst output: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂)"), true},
           {tr("Note"), tr("Click the selected row's note to write one"), false}},
          this))
    , m_difference(new ValueTable(
          QStringLiteral("differenceTable"), tr("Difference of two runs, worst regression first"),
          {{tr("Operator"), {}, false},
           {tr("Change (dB)"), tr("Accumulated SQNR of the run minus that of the other; negative is worse"),
            true},
           {tr("Before (dB)"), tr("Accumulated SQNR of the other run"), true},
           {tr("Now (dB)"), tr("Accumulated SQNR of the selected run"), true},
           {tr("Isolated (dB)"), tr("Change of the isolated SQNR; negative is worse"), true},
           {tr("Threshold before"), {}, false},
           {tr("Threshold now"), {}, false}},
          this))
    , m_differenceTitle(new QLabel(this))
    , m_planDifference(new QLabel(this))
    , m_pin(new QPushButton(tr("Pin as baseline"), this))
    , m_restore(new QPushButton(tr("Back to this plan"), this))
{
    setObjectName(QStringLiteral("runsView"));
    m_pin->setObjectName(QStringLiteral("runsPin"));
    m_restore->setObjectName(QStringLiteral("runsRestore"));
    m_differenceTitle->setObjectName(QStringLiteral("differenceTitle"));
    wrapInside(m_differenceTitle);
    m_planDifference->setObjectName(QStringLiteral("planDifference"));
    m_planDifference->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_planDifference->setForegroundRole(QPalette::PlaceholderText);
    m_planDifference->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_table->setEditableColumn(6);
    auto* const left = new QWidget(this);
    auto* const leftColumn = new QVBoxLayout(left);
    auto* const buttons = new QHBoxLayout;
    buttons->addWidget(m_pin);
    buttons->addWidget(m_restore);
    buttons->addStretch(1);
    buttons->setContentsMargins(6, 0, 6, 2);
    leftColumn->addWidget(m_table, 1);
    leftColumn->addLayout(buttons);
    auto* const right = new QWidget(this);
    auto* const rightColumn = new QVBoxLayout(right);
    rightColumn->addWidget(m_differenceTitle);
    rightColumn->addWidget(m_planDifference);
    rightColumn->addWidget(m_difference, 1);
    for (QVBoxLayout* const column : {leftColumn, rightColumn}) {
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(3);
    }
    auto* const splitter = new QSplitter(this);
    splitter->addWidget(left);
    splitter->addWidget(right);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 0, 0);
    layout->addWidget(splitter);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunsView::refreshDifference);
    connect(m_table, &ValueTable::cellEdited, this, &RunsView::noteEdited);
    connect(m_pin, &QPushButton::clicked, this, [this] {
        if (const RunRecord* const run = selectedRun()) {
            emit baselineWanted(run->results == m_baseline ? nullptr : run->results);
        }
    });
    connect(m_restore, &QPushButton::clicked, this, [this] {
        if (const RunRecord* const run = selectedRun()) {
            emit planEdited({run->results->report->plan, tr("Back to run %1").arg(run->number), {}});
        }
    });
    connect(m_difference, &ValueTable::keySelected, this,
            [this](int key) { m_selection->select(static_cast<core::OperatorId>(key)); });
    refreshRuns();
}

const RunRecord* RunsView::selectedRun() const
{
    const std::vector<int> keys = m_table->selectedKeys();
    // Of several the newest, in whatever order they were clicked.
    const auto found =
        keys.empty() ? m_runs.end() : std::ranges::find(m_runs, std::ranges::max(keys), &RunRecord::number);
    return found == m_runs.end() ? nullptr : &*found;
}

void RunsView::setRuns(const std::vector<RunRecord>& runs)
{
    const bool grew = runs.size() > m_runs.size();
    m_runs = runs;
    refreshRuns();
    if (grew) {
        m_table->selectKey(m_runs.back().number);
    }
    refreshDifference();
}

void RunsView::setBaseline(std::shared_ptr<const core::Results> baseline)
{
    m_baseline = std::move(baseline);
    refreshRuns();
    refreshDifference();
}

void RunsView::refreshRuns()
{
    std::vector<ValueTable::Row> rows;
    for (auto run = m_runs.rbegin(); run != m_runs.rend(); ++run) {
        const core::Report& report = *run->results->report;
        const bool pinned = m_baseline && run->results == m_baseline;
        rows.push_back(
            {run->number,
             {{QString::number(run->number) + (pinned ? tr(" ⚑") : QString()), double(run->number), {}, {}},
              {run->finished.toString(QStringLiteral("HH:mm:ss")), {}, {}, {}},
              {run->label, {}, {}, {}},
              percent(report.accuracy && report.accuracy->labelled,
                      report.accuracy ? report.accuracy->quantized.top1 : 0.0),
              percent(report.accuracy.has_value(), report.accuracy ? report.accuracy->top1Agreement : 0.0),
              decibel(core::decisiveOutputDb(report)),
              {run->note, {}, {}, {}}}});
    }
    m_table->setRows(rows);
}

void RunsView::showPlanDifference(const core::QuantizationPlan* other, const RunRecord* now)
{
    constexpr int kMostLines = 4; // the rest is in the tooltip
    const QString all = other && now ? planDifferenceText(*other, *now->results->report->plan) : QString();
    QStringList lines = all.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (lines.size() > kMostLines) {
        const auto more = static_cast<int>(lines.size()) - kMostLines + 1;
        lines = lines.mid(0, kMostLines - 1);
        lines << tr("and %n more", nullptr, more);
    }
    m_planDifference->setText(lines.join(QLatin1Char('\n')));
    m_planDifference->setToolTip(all);
    m_planDifference->setVisible(!lines.isEmpty());
}

void RunsView::refreshDifference()
{
    const RunRecord* const now = selectedRun();
    m_pin->setEnabled(now);
    m_restore->setEnabled(now);
    // Against the other selected run, else the baseline, else the run before.
    std::shared_ptr<const core::Results> other;
    const std::vector<int> keys = m_table->selectedKeys();
    QString otherName;
    if (now) {
        const auto at = static_cast<std::size_t>(now - m_runs.data());
        if (keys.size() > 1) {
            const auto found = std::ranges::find(m_runs, std::ranges::min(keys), &RunRecord::number);
            other = found->results;
            otherName = tr("run %1").arg(found->number);
        } else if (m_baseline && m_baseline != now->results) {
            other = m_baseline;
            const auto pinned = std::ranges::find(m_runs, m_baseline, &RunRecord::results);
            otherName =
                pinned == m_runs.end() ? tr("the baseline") : tr("the baseline, run %1").arg(pinned->number);
        } else if (at > 0) {
            other = m_runs[at - 1].results;
            otherName = tr("run %1").arg(m_runs[at - 1].number);
        }
    }
    struct Change
    {
        double decibels;
        ValueTable::Row row;
    };
    std::vector<Change> changes;
    if (other) {
        for (const auto& layer : now->results->report->layers) {
            const core::LayerReport* const before = layerOf(*other, layer->name);
            if (!before || !before->accumulated || !layer->accumulated || !before->accumulated->sqnrDb
                || !layer->accumulated->sqnrDb) {
                continue;
            }
            const double change = core::decibelGain(before->accumulated->sqnrDb, layer->accumulated->sqnrDb);
            if (change == 0.0 && thresholdText(*before) == thresholdText(*layer)) {
                continue;
            }
            const QString sign = change > 0.0 ? QStringLiteral("+") : QString();
            changes.push_back({change,
                               {static_cast<int>(layer->id),
                                {{QString::fromStdString(layer->name), {}, {}, {}},
                                 {sign + decibelText(change), change, {}, {}},
                                 decibel(before->accumulated->sqnrDb),
                                 decibel(layer->accumulated->sqnrDb),
                                 isolatedChange(*before, *layer),
                                 {thresholdText(*before), {}, {}, {}},
                                 {thresholdText(*layer), {}, {}, {}}}}});
        }
    }
    std::ranges::stable_sort(changes, {}, &Change::decibels);
    std::vector<ValueTable::Row> rows;
    std::ranges::transform(changes, std::back_inserter(rows), &Change::row);
    m_difference->setRows(rows);
    showPlanDifference(other ? other->report->plan.get() : nullptr, now);
    m_differenceTitle->setText(
        m_runs.empty() ? tr("No run yet.")
            : !other   ? tr("Edit something, or pin a baseline with B, to compare runs.")
            : rows.empty()
            ? tr("Run %1 and %2 have the same thresholds and errors.").arg(now->number).arg(otherName)
            : tr("Run %1 against %2: %3 operators differ, losses first")
                  .arg(now->number)
                  .arg(otherName)
                  .arg(rows.size()));
}

} // namespace views
