#include "views/methods/methods_view.h"

#include "core/session/network_comparison.h"
#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/methods/network_methods.h"
#include "views/methods/tensor_methods.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>

namespace views {

MethodsView::MethodsView(Selection* selection, TensorCostsService* service, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_tabs(new QTabBar(this))
    , m_tensor(new TensorMethods(this))
    , m_network(new NetworkMethods(this))
    , m_title(new QLabel(this))
{
    setObjectName(QStringLiteral("methodsView"));
    m_tabs->setObjectName(QStringLiteral("methodsTabs"));
    m_tabs->setAccessibleName(tr("What methods are compared on"));
    m_tabs->addTab(tr("Selected tensor"));
    m_tabs->addTab(tr("Whole network"));
    m_tabs->setDrawBase(false);
    auto* const pages = new QStackedWidget(this);
    pages->addWidget(m_tensor);
    pages->addWidget(m_network);
    auto* const left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(m_tabs, 0, Qt::AlignLeft);
    left->addWidget(pages, 1);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 2, 0, 0);
    layout->addLayout(left, 1);
    layout->addWidget(makeButtons());
    connect(m_tabs, &QTabBar::currentChanged, pages, &QStackedWidget::setCurrentIndex);
    connect(m_tabs, &QTabBar::currentChanged, this, &MethodsView::updateButtons);
    connect(m_tensor, &TensorMethods::chosenChanged, this, &MethodsView::updateButtons);
    connect(m_network, &NetworkMethods::chosenChanged, this, &MethodsView::updateButtons);
    connect(m_tensor, &TensorMethods::activated, this, [this] { apply(Scope::Selected); });
    connect(m_network, &NetworkMethods::activated, this, [this] { apply(Scope::All); });
    connect(service, &TensorCostsService::ready, this, &MethodsView::showCosts);
    connect(m_selection, &Selection::changed, this, &MethodsView::reset);
    reset();
}

QWidget* MethodsView::makeButtons()
{
    auto* const side = new QWidget(this);
    auto* const column = new QVBoxLayout(side);
    column->setContentsMargins(8, 6, 8, 6);
    column->setSpacing(4);
    m_title->setObjectName(QStringLiteral("methodsTitle"));
    m_title->setWordWrap(true);
    column->addWidget(m_title);
    for (const Scope scope : {Scope::Leading, Scope::Selected, Scope::Type, Scope::All}) {
        auto* const button = new QPushButton(side);
        button->setObjectName(QStringLiteral("methodsApply%1").arg(static_cast<int>(scope)));
        connect(button, &QPushButton::clicked, this, [this, scope] { apply(scope); });
        column->addWidget(button);
        m_buttons.emplace_back(scope, button);
    }
    column->addStretch(1);
    side->setFixedWidth(fontMetrics().averageCharWidth() * 30);
    return side;
}

void MethodsView::showPage(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

void MethodsView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    if (!m_results) {
        m_network->forget();
    }
    m_network->setResults(m_results);
    reset();
}

void MethodsView::setPlan(std::shared_ptr<const core::QuantizationPlan> plan)
{
    m_plan = std::move(plan);
    m_network->setPlan(m_plan);
}

std::shared_ptr<const core::LayerReport> MethodsView::leading() const
{
    return m_results && m_selection->current() ? m_results->layer(*m_selection->current()) : nullptr;
}

void MethodsView::reset()
{
    m_tensor->clear();
    updateButtons();
}

void MethodsView::showCosts(const std::shared_ptr<const TensorCosts>& costs)
{
    const auto layer = leading();
    if (layer && m_plan && layer->output == costs->value) {
        m_tensor->show(costs, m_results->calibrated(layer->output),
                       settingsOf(*m_plan, *layer).activation.method);
        updateButtons();
    }
}

std::optional<core::CalibrationMethod> MethodsView::chosen() const
{
    return m_tabs->currentIndex() == 0 ? m_tensor->chosen() : m_network->chosen();
}

void MethodsView::updateButtons()
{
    const auto layer = leading();
    const auto method = chosen();
    const std::size_t many = m_selection->operators().size();
    m_title->setText(method ? tr("Apply <b>%1</b> to").arg(methodTitle(*method).toHtmlEscaped())
                            : tr("Choose a method, then where to apply it."));
    for (const auto& [scope, button] : m_buttons) {
        const bool needsOne = scope != Scope::All;
        button->setEnabled(method && m_plan && (!needsOne || layer));
        const QString name = layer ? QString::fromStdString(layer->name) : QString();
        const QString text = scope == Scope::Leading ? (layer ? name : tr("the operator"))
            : scope == Scope::Selected               ? tr("the selection (%1)").arg(many)
            : scope == Scope::Type
            ? (layer ? tr("all %1").arg(QString::fromStdString(layer->type)) : tr("all of its type"))
            : tr("all operators");
        button->setText(
            fontMetrics().elidedText(text, Qt::ElideMiddle, fontMetrics().averageCharWidth() * 24));
        button->setToolTip(text);
    }
    // One selected operator is the selection.
    for (const auto& [scope, button] : m_buttons) {
        if (scope == Scope::Selected) {
            button->setVisible(many != 1);
        }
    }
}

void MethodsView::apply(Scope scope)
{
    const auto method = chosen();
    const auto leader = leading();
    if (!method || !m_plan || !m_results || (scope != Scope::All && !leader)) {
        return;
    }
    core::QuantizationPlan next = *m_plan;
    const auto set = [&](const core::LayerReport& layer) {
        core::OperatorSettings settings = ownSettings(next, layer);
        settings.activation.method = *method;
        settings.activation.range.reset();
        next = withSettings(next, layer, settings);
    };
    QString whom = tr("all");
    switch (scope) {
    case Scope::Leading:
        set(*leader);
        whom = QString::fromStdString(leader->name);
        break;
    case Scope::Selected:
        for (const core::OperatorId op : m_selection->operators()) {
            set(*m_results->layer(op));
        }
        whom = tr("selection");
        break;
    case Scope::Type:
        for (const auto& layer : m_results->report->layers) {
            if (layer->type == leader->type && !layer->inheritsActivation) {
                set(*layer);
            }
        }
        whom = QString::fromStdString(leader->type);
        break;
    case Scope::All:
        next = core::withActivationMethod(next, *method);
        break;
    }
    emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)),
                     tr("%1 for %2").arg(methodTitle(*method), whom),
                     {}});
}

} // namespace views
