#include "views/methods/tensor_methods.h"

#include "views/base/distribution_bins.h"
#include "views/base/format.h"
#include "views/base/theme.h"
#include "views/base/value_table.h"

#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QScrollArea>
#include <QSplitter>

#include <algorithm>
#include <cmath>

namespace views {

namespace {

constexpr int kBins = 96;

ValueTable* makeTensorTable(QWidget* parent)
{
    const auto tr = [](const char* text) { return TensorMethods::tr(text); };
    auto* const table = new ValueTable(
        QStringLiteral("methodsTable"), tr("Calibration methods on the selected tensor"),
        {{tr("Method"), tr("Name in a plan in brackets"), false},
         {tr("Threshold"), tr("Range chosen from the calibration data, in the tensor's own unit"), true},
         {tr("Clipped"), tr("Expected share of values outside the representable range"), true},
         {tr("Clip L2"), tr("sqrt(Σ(y−clamp(y))²) / ‖y‖₂, expected from the calibration histogram"), true},
         {tr("Round L2"), tr("sqrt(Σ(clamp(y)−Q(y))²) / ‖y‖₂, expected from the calibration histogram"),
          true},
         {tr("Total L2"), tr("‖y−Q(y)‖₂ / ‖y‖₂, expected from the calibration histogram"), true},
         {tr("SQNR (dB)"), tr("−20·log₁₀(‖y−Q(y)‖₂ / ‖y‖₂)"), true}},
        parent);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

} // namespace

TensorMethods::TensorMethods(QWidget* parent)
    : QWidget(parent)
    , m_table(makeTensorTable(this))
    , m_multiples(new SmallMultiples(QStringLiteral("methodHistograms"),
                                     tr("Histogram of the tensor with each method's range"),
                                     SmallMultiples::Shape::Histogram, this))
{
    setObjectName(QStringLiteral("tensorMethods"));
    auto* const scroll = new QScrollArea(this);
    scroll->setWidget(m_multiples);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* const splitter = new QSplitter(this);
    splitter->addWidget(m_table);
    splitter->addWidget(scroll);
    splitter->setSizes({500, 500}); // halves, whatever the contents would like
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    connect(m_table, &ValueTable::keySelected, m_multiples, &SmallMultiples::setChosen);
    // The current row is told before it is selected.
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &TensorMethods::chosenChanged);
    connect(m_multiples, &SmallMultiples::chosen, this, [this](int key) {
        m_table->selectKey(key);
        emit chosenChanged();
    });
    connect(m_table, &ValueTable::keyActivated, this, &TensorMethods::activated);
    connect(m_multiples, &SmallMultiples::activated, this, &TensorMethods::activated);
}

void TensorMethods::clear()
{
    m_costs.reset();
    m_table->setRows({});
    m_multiples->setPanels({}, {});
}

std::optional<core::CalibrationMethod> TensorMethods::chosen() const
{
    const std::vector<int> keys = m_table->selectedKeys();
    return m_costs && !keys.empty()
        ? std::optional(m_costs->methods[static_cast<std::size_t>(keys.front())].method)
        : std::nullopt;
}

void TensorMethods::show(std::shared_ptr<const TensorCosts> costs, const core::TensorStatistics* statistics,
                         const std::optional<core::CalibrationMethod>& used)
{
    m_costs = std::move(costs);
    showTable();
    showMultiples(statistics, used);
}

void TensorMethods::showTable()
{
    std::vector<ValueTable::Row> rows;
    for (std::size_t i = 0; i < m_costs->methods.size(); ++i) {
        const core::MethodOutcome& outcome = m_costs->methods[i];
        const auto relative = [&](double squared) {
            const double value = relativeL2(outcome.cost, squared);
            return Cell{shareText(value), value, std::nullopt, {}};
        };
        Cell total = relative(outcome.cost.totalSquared());
        total.heat = heatOfRelativeL2(total.sort.toDouble());
        rows.push_back(
            {static_cast<int>(i),
             {{QStringLiteral("%1 (%2)").arg(methodTitle(outcome.method),
                                             QString::fromStdString(core::toString(outcome.method))),
               {},
               {},
               {}},
              {rangeText(outcome.range),
               std::max(std::abs(outcome.range.min), std::abs(outcome.range.max)),
               {},
               {}},
              {shareText(outcome.cost.clippedShare), outcome.cost.clippedShare, {}, {}},
              relative(outcome.cost.clipSquared),
              relative(outcome.cost.roundSquared),
              total,
              {decibelText(outcome.cost.sqnrDb()), outcome.cost.sqnrDb(), {}, {}}}});
    }
    m_table->setRows(rows);
}

void TensorMethods::showMultiples(const core::TensorStatistics* statistics,
                                  const std::optional<core::CalibrationMethod>& used)
{
    std::vector<SmallMultiples::Panel> panels;
    if (!statistics || m_costs->methods.empty()) {
        m_multiples->setPanels({}, {});
        return;
    }
    core::Range widest{std::min(0.0, double{statistics->total.min}),
                       std::max(0.0, double{statistics->total.max})};
    const DisplayGrid grid = displayGrid(*statistics, widest, kBins);
    const std::vector<double> counts = binnedValues(*statistics, grid);
    std::vector<QPointF> curve;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        curve.emplace_back(grid.edge(static_cast<int>(i)), counts[i]);
    }
    curve.emplace_back(grid.upper(), 0.0);
    const auto cost = [](const core::MethodOutcome& outcome) { return outcome.cost.totalSquared(); };
    const auto best = std::ranges::min_element(m_costs->methods, {}, cost);
    for (std::size_t i = 0; i < m_costs->methods.size(); ++i) {
        const core::MethodOutcome& outcome = m_costs->methods[i];
        SmallMultiples::Panel panel;
        panel.key = static_cast<int>(i);
        panel.title = methodTitle(outcome.method);
        panel.value = tr("%1 dB").arg(decibelText(outcome.cost.sqnrDb()));
        panel.curve = curve;
        panel.range = outcome.params.range();
        panel.best = cost(outcome) <= cost(*best);
        panel.current = used && *used == outcome.method;
        panel.toolTip = tr("%1: %2, clips %3 of the values\nDouble click applies it.")
                            .arg(panel.title, rangeText(outcome.range), shareText(outcome.cost.clippedShare));
        panels.push_back(std::move(panel));
    }
    m_multiples->setPanels(std::move(panels),
                           {{grid.lower, grid.upper()}, {0.0, *std::ranges::max_element(counts)}});
    const std::vector<int> keys = m_table->selectedKeys();
    m_multiples->setChosen(keys.empty() ? std::nullopt : std::optional(keys.front()));
}

} // namespace views
