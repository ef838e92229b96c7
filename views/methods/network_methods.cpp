#include "views/methods/network_methods.h"

#include "views/base/format.h"
#include "views/base/value_table.h"

#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr int kPlanKey = -1; // the row of the plan as it is

struct Summary
{
    QString title;
    const core::Report* report;
    int key;
};

/// Accumulated SQNR of every operator that has one, in execution order; exact ones are left out.
std::vector<QPointF> profileOf(const core::Report& report)
{
    std::vector<QPointF> points;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const auto& error = report.layers[i]->accumulated;
        if (error && error->sqnrDb && std::isfinite(*error->sqnrDb)) {
            points.emplace_back(static_cast<double>(i), *error->sqnrDb);
        }
    }
    return points;
}

Cell number(std::optional<double> value, int digits)
{
    return value ? Cell{QString::number(*value, 'f', digits), *value, {}, {}}
                 : Cell{missingText(), {}, {}, {}};
}

ValueTable::Row rowOf(const Summary& summary)
{
    const core::Report& report = *summary.report;
    const std::vector<QPointF> profile = profileOf(report);
    const auto worst = std::ranges::min_element(profile, {}, &QPointF::y);
    const auto output = core::decisiveOutputDb(report);
    const bool labelled = report.accuracy && report.accuracy->labelled;
    Cell worstCell{missingText(), {}, {}, {}};
    if (worst != profile.end()) {
        const core::LayerReport& layer = *report.layers[static_cast<std::size_t>(worst->x())];
        worstCell = {NetworkMethods::tr("%1 dB at %2")
                         .arg(decibelText(worst->y()), QString::fromStdString(layer.name)),
                     worst->y(),
                     {},
                     {}};
    }
    return {summary.key,
            {{summary.title, {}, {}, {}},
             output ? Cell{decibelText(*output), *output, {}, {}} : Cell{missingText(), {}, {}, {}},
             number(labelled ? std::optional(report.accuracy->quantized.top1) : std::nullopt, 2),
             number(report.accuracy ? std::optional(report.accuracy->top1Agreement) : std::nullopt, 1),
             worstCell}};
}

ValueTable* makeTable(QWidget* parent)
{
    const auto tr = [](const char* text) { return NetworkMethods::tr(text); };
    auto* const table = new ValueTable(
        QStringLiteral("networkMethodsTable"), tr("Calibration methods on the whole network"),
        {{tr("Method"), tr("Applied to the output of every operator; the rest of the plan stays"), false},
         {tr("Output (dB)"), tr("SQNR of the worst output: −20·log₁₀(‖y−ŷ‖₂ / ‖y‖₂)"), true},
         {tr("Top-1 (%)"), tr("Percent of samples whose highest output is the label"), true},
         {tr("Agreement (%)"), tr("Percent of samples for which both pipelines predict the same class"),
          true},
         {tr("Worst operator"), tr("Lowest accumulated SQNR"), true}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

} // namespace

NetworkMethods::NetworkMethods(QWidget* parent)
    : QWidget(parent)
    , m_table(makeTable(this))
    , m_multiples(new SmallMultiples(QStringLiteral("methodProfiles"),
                                     tr("Error profile of the network with each method"),
                                     SmallMultiples::Shape::Line, this))
    , m_compare(new QPushButton(this))
    , m_bar(new QProgressBar(this))
    , m_status(new QLabel(this))
{
    setObjectName(QStringLiteral("networkMethods"));
    m_compare->setObjectName(QStringLiteral("networkCompare"));
    m_bar->setObjectName(QStringLiteral("networkProgress"));
    m_bar->setAccessibleName(tr("Progress of the comparison"));
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(120);
    m_bar->setMaximumHeight(fontMetrics().height());
    m_status->setObjectName(QStringLiteral("networkStatus"));
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* const head = new QHBoxLayout;
    head->setContentsMargins(6, 2, 6, 2);
    head->addWidget(m_compare);
    head->addWidget(m_bar);
    head->addWidget(m_status, 1);
    auto* const scroll = new QScrollArea(this);
    scroll->setWidget(m_multiples);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* const splitter = new QSplitter(this);
    splitter->addWidget(m_table);
    splitter->addWidget(scroll);
    splitter->setSizes({500, 500}); // halves, whatever the contents would like
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(splitter, 1);
    connect(m_compare, &QPushButton::clicked, this, [this] {
        if (m_comparing) {
            emit cancelWanted();
            return;
        }
        m_outcomes.clear();
        refresh();
        emit compareWanted();
    });
    connect(m_table, &ValueTable::keySelected, m_multiples, &SmallMultiples::setChosen);
    // The current row is told before it is selected.
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &NetworkMethods::chosenChanged);
    connect(m_multiples, &SmallMultiples::chosen, this, [this](int key) {
        m_table->selectKey(key);
        emit chosenChanged();
    });
    connect(m_table, &ValueTable::keyActivated, this, &NetworkMethods::activated);
    connect(m_multiples, &SmallMultiples::activated, this, &NetworkMethods::activated);
    setComparing(false);
}

void NetworkMethods::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    refresh();
}

void NetworkMethods::setPlan(std::shared_ptr<const core::QuantizationPlan> plan)
{
    m_plan = std::move(plan);
    refresh();
}

void NetworkMethods::forget()
{
    m_outcomes.clear();
    refresh();
}

void NetworkMethods::addOutcome(const core::NetworkOutcome& outcome)
{
    const auto same = std::ranges::find(m_outcomes, outcome.method, &core::NetworkOutcome::method);
    if (same == m_outcomes.end()) {
        m_outcomes.push_back(outcome);
    } else {
        *same = outcome;
    }
    refresh();
}

void NetworkMethods::setProgress(const core::Progress& progress)
{
    m_bar->setRange(0, static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    m_status->setText(QString::fromStdString(progress.stage));
}

void NetworkMethods::setComparing(bool comparing)
{
    m_comparing = comparing;
    m_compare->setText(comparing ? tr("Cancel") : tr("Compare on the network"));
    m_compare->setToolTip(comparing ? tr("Methods that are finished stay")
                                    : tr("Runs the network once with each method, on one FP32 pass"));
    m_bar->setVisible(comparing);
    m_bar->setRange(0, 0);
    refresh();
}

bool NetworkMethods::isStale() const
{
    return !m_outcomes.empty() && m_plan
        && core::withActivationMethod(*m_plan, m_outcomes.front().method) != *m_outcomes.front().report->plan;
}

std::optional<core::CalibrationMethod> NetworkMethods::chosen() const
{
    const std::vector<int> keys = m_table->selectedKeys();
    return keys.empty() || keys.front() == kPlanKey || keys.front() >= static_cast<int>(m_outcomes.size())
        ? std::nullopt
        : std::optional(m_outcomes[static_cast<std::size_t>(keys.front())].method);
}

void NetworkMethods::refresh()
{
    m_compare->setEnabled(m_results && m_plan);
    std::vector<Summary> all;
    if (m_results) {
        all.push_back({tr("The plan as it is"), m_results->report.get(), kPlanKey});
    }
    for (std::size_t i = 0; i < m_outcomes.size(); ++i) {
        all.push_back({methodTitle(m_outcomes[i].method), m_outcomes[i].report.get(), static_cast<int>(i)});
    }
    std::vector<ValueTable::Row> rows;
    std::vector<SmallMultiples::Panel> panels;
    const std::vector<QPointF> behind = m_results ? profileOf(*m_results->report) : std::vector<QPointF>{};
    double highest = 10.0;
    std::optional<double> best;
    for (const Summary& summary : all) {
        rows.push_back(rowOf(summary));
        if (summary.key == kPlanKey) {
            continue;
        }
        SmallMultiples::Panel panel;
        panel.key = summary.key;
        panel.title = summary.title;
        const auto output = core::decisiveOutputDb(*summary.report);
        panel.value = output ? tr("%1 dB").arg(decibelText(*output)) : missingText();
        panel.curve = profileOf(*summary.report);
        panel.behind = behind;
        panel.toolTip = tr("%1: accumulated SQNR over depth, the present plan behind.\nDouble click applies "
                           "it to all operators.")
                            .arg(summary.title);
        best = output && (!best || *output > *best) ? output : best;
        for (const QPointF& point : panel.curve) {
            highest = std::max(highest, point.y());
        }
        panels.push_back(std::move(panel));
    }
    for (std::size_t i = 0; i < panels.size(); ++i) {
        panels[i].best = best && core::decisiveOutputDb(*m_outcomes[i].report) == best;
    }
    const auto layers = m_results ? static_cast<double>(m_results->report->layers.size()) : 1.0;
    const bool grew = static_cast<int>(rows.size()) > m_table->model()->rowCount();
    m_table->setRows(rows);
    if (grew) {
        m_table->resizeColumnsToContents();
    }
    m_table->setStale(isStale());
    m_multiples->setPanels(std::move(panels), {{0.0, std::max(1.0, layers - 1.0)}, {0.0, highest}});
    const std::vector<int> keys = m_table->selectedKeys();
    m_multiples->setChosen(keys.empty() ? std::nullopt : std::optional(keys.front()));
    if (!m_comparing) {
        m_status->setText(
            m_outcomes.empty()
                ? tr("Every method on every operator: output error, top-1, and the error profile of each.")
                : isStale() ? tr("Of an earlier plan: compare again.")
                            : tr("Double click applies a method to all operators."));
    }
}

} // namespace views
