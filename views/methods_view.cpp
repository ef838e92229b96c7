#include "views/methods_view.h"

#include "views/format.h"
#include "views/selection.h"
#include "views/theme.h"
#include "views/value_table.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <cmath>

namespace views {

MethodsView::MethodsView(Selection* selection, TensorCostsService* service, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_table(new ValueTable(
          QStringLiteral("methodsTable"), tr("Calibration methods on the selected tensor"),
          {{tr("Method"), tr("Name in a plan in brackets"), false},
           {tr("Threshold"), tr("Range chosen from the calibration data, in the tensor's own unit"), true},
           {tr("Clipped"), tr("Expected share of values outside the representable range"), true},
           {tr("Clip L2"), tr("sqrt(Σ(y−clamp(y))²) / ‖y‖₂, expected from the calibration histogram"), true},
           {tr("Round L2"), tr("sqrt(Σ(clamp(y)−Q(y))²) / ‖y‖₂, expected from the calibration histogram"),
            true},
           {tr("Total L2"), tr("‖y−Q(y)‖₂ / ‖y‖₂, expected from the calibration histogram"), true},
           {tr("SQNR (dB)"), tr("−20·log₁₀(‖y−Q(y)‖₂ / ‖y‖₂)"), true}},
          this))
    , m_title(new QLabel(this))
{
    setObjectName(QStringLiteral("methodsView"));
    m_title->setObjectName(QStringLiteral("methodsTitle"));
    m_title->setWordWrap(true);
    auto* const side = new QVBoxLayout;
    side->setContentsMargins(8, 8, 8, 8);
    side->addWidget(m_title);
    const std::pair<QString, Scope> scopes[]{{tr("Apply to selection"), Scope::Selected},
                                             {tr("Apply to its type"), Scope::Type},
                                             {tr("Apply to all"), Scope::All}};
    for (const auto& [text, scope] : scopes) {
        auto* const button = new QPushButton(text, this);
        button->setObjectName(QStringLiteral("methodsApply%1").arg(static_cast<int>(scope)));
        connect(button, &QPushButton::clicked, this, [this, scope = scope] { apply(scope); });
        side->addWidget(button);
        m_buttons.push_back(button);
    }
    side->addStretch(1);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table, 1);
    layout->addLayout(side);
    connect(service, &TensorCostsService::ready, this, &MethodsView::show);
    connect(m_table, &ValueTable::keyActivated, this, [this] { apply(Scope::Selected); });
    connect(m_selection, &Selection::changed, this, &MethodsView::reset);
    reset();
}

void MethodsView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    reset();
}

void MethodsView::setPlan(std::shared_ptr<const core::QuantizationPlan> plan) { m_plan = std::move(plan); }

void MethodsView::reset()
{
    m_costs.reset();
    m_table->setRows({});
    for (QPushButton* const button : m_buttons) {
        button->setEnabled(false);
    }
    m_title->setText(m_selection->current() ? tr("This operator has no range of its own.")
                                            : tr("Select an operator to compare methods on its output."));
}

void MethodsView::show(const std::shared_ptr<const TensorCosts>& costs)
{
    const auto layer =
        m_results && m_selection->current() ? m_results->layer(*m_selection->current()) : nullptr;
    if (!layer || layer->output != costs->value) {
        return;
    }
    m_costs = costs;
    std::vector<ValueTable::Row> rows;
    for (std::size_t i = 0; i < costs->methods.size(); ++i) {
        const core::MethodOutcome& outcome = costs->methods[i];
        const auto relative = [&](double squared) {
            const double signal = outcome.cost.signalSquared;
            const double value = signal > 0.0 ? std::sqrt(std::max(0.0, squared) / signal) : 0.0;
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
    m_title->setText(
        tr("Output of %1. Double click a method to apply it.").arg(QString::fromStdString(layer->name)));
    for (QPushButton* const button : m_buttons) {
        button->setEnabled(true);
    }
}

void MethodsView::apply(Scope scope)
{
    const std::vector<int> keys = m_table->selectedKeys();
    const auto current = m_selection->current();
    if (keys.empty() || !m_costs || !m_plan || !current) {
        return;
    }
    const core::CalibrationMethod method = m_costs->methods[static_cast<std::size_t>(keys.front())].method;
    const auto leading = m_results->layer(*current);
    core::QuantizationPlan next = *m_plan;
    const auto set = [&](const core::LayerReport& layer) {
        core::OperatorSettings settings = ownSettings(next, layer);
        settings.activation.method = method;
        settings.activation.range.reset();
        next = withSettings(next, layer, settings);
    };
    QString whom;
    if (scope == Scope::Selected) {
        for (const core::OperatorId op : m_selection->operators()) {
            set(*m_results->layer(op));
        }
        whom = tr("selection");
    } else if (scope == Scope::Type) {
        for (const auto& layer : m_results->report->layers) {
            if (layer->type == leading->type) {
                set(*layer);
            }
        }
        whom = QString::fromStdString(leading->type);
    } else {
        next.defaults.activation.method = method;
        for (auto* const all : {&next.types, &next.operators, &next.inputs}) {
            for (auto& [name, settings] : *all) { // what was said for one of them gives way
                settings.activation.method.reset();
                settings.activation.range.reset();
            }
            std::erase_if(*all, [](const auto& entry) { return entry.second.isEmpty(); });
        }
        whom = tr("all");
    }
    emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)),
                     tr("%1 for %2").arg(methodTitle(method), whom),
                     {}});
}

} // namespace views
