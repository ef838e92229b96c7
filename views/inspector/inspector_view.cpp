#include "views/inspector/inspector_view.h"

#include "views/base/format.h"
#include "views/base/selection.h"
#include "views/inspector/inspector_form.h"

#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace views {

InspectorView::InspectorView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_title(new QLabel(this))
    , m_facts(new QLabel(this))
    , m_form(new InspectorForm(this))
    , m_reset(new QPushButton(tr("Reset"), this))
    , m_selectType(new QPushButton(tr("Select type"), this))
    , m_copy(new QPushButton(tr("Copy as command"), this))
{
    setObjectName(QStringLiteral("inspectorView"));
    m_title->setObjectName(QStringLiteral("inspectorTitle"));
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setWordWrap(true);
    m_facts->setObjectName(QStringLiteral("inspectorFacts"));
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_reset->setObjectName(QStringLiteral("inspectorReset"));
    m_reset->setToolTip(tr("Removes every override of the selected operators"));
    m_selectType->setObjectName(QStringLiteral("inspectorSelectType"));
    m_selectType->setToolTip(tr("Selects all operators of this type, so that edits apply to all of them"));
    m_copy->setObjectName(QStringLiteral("inspectorCopyCommand"));
    m_copy->setToolTip(tr("Copies the noisefloor-cli line that runs this model with the current plan"));
    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(4);
    for (QPushButton* const button : {m_reset, m_selectType, m_copy}) {
        buttons->addWidget(button);
    }
    auto* const inner = new QWidget(this);
    auto* const column = new QVBoxLayout(inner);
    column->setContentsMargins(8, 6, 8, 6);
    column->setSpacing(5);
    column->addWidget(m_title);
    column->addWidget(m_form);
    column->addLayout(buttons);
    column->addWidget(m_facts);
    column->addStretch(1);
    auto* const scroll = new QScrollArea(this);
    scroll->setObjectName(QStringLiteral("inspectorScroll"));
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    connectForm();
    refresh();
}

void InspectorView::connectForm()
{
    connect(m_form, &InspectorForm::chosen, this, [this](const SettingsField& field, const QString& value) {
        if (field.key == QLatin1String("activation.method")) {
            applyMethod(core::parseCalibrationMethod(value.toStdString()));
            return;
        }
        edit(field, tr("%1 %2").arg(field.label, value), value, {});
    });
    connect(m_form, &InspectorForm::parameterChosen, this,
            [this](const SettingsField& field, const QString& value) {
                edit(field, tr("%1 %2").arg(field.label, value), value, field.key);
            });
    connect(m_reset, &QPushButton::clicked, this, &InspectorView::resetToDefaults);
    connect(m_selectType, &QPushButton::clicked, this, &InspectorView::selectType);
    connect(m_copy, &QPushButton::clicked, this, &InspectorView::copyCommandRequested);
    connect(m_selection, &Selection::changed, this, &InspectorView::refresh);
}

void InspectorView::setResults(std::shared_ptr<const core::Results> results)
{
    m_results = std::move(results);
    refresh();
}

void InspectorView::setPlan(std::shared_ptr<const core::QuantizationPlan> plan)
{
    m_plan = std::move(plan);
    refresh();
}

std::vector<std::shared_ptr<const core::LayerReport>> InspectorView::layers() const
{
    std::vector<std::shared_ptr<const core::LayerReport>> found;
    if (m_results) {
        for (const core::OperatorId op : m_selection->operators()) {
            if (auto layer = m_results->layer(op)) {
                found.push_back(std::move(layer));
            }
        }
    }
    return found;
}

QString InspectorView::factsOf(const core::LayerReport& layer) const
{
    QStringList lines;
    const QString effective = QString::fromStdString(core::toString(layer.effective));
    lines << (layer.reason.empty()
                  ? tr("Runs as %1").arg(effective)
                  : tr("Runs as %1: %2").arg(effective, QString::fromStdString(layer.reason)));
    if (layer.inheritsActivation) {
        lines << tr("Takes the range of its input: change it there");
    } else if (layer.activation && !layer.activation->threshold.empty()) {
        lines << tr("Output %1, range %2")
                     .arg(paramsText(layer.activation->params),
                          rangeText(layer.activation->threshold.front()));
    }
    if (layer.weight) {
        lines << tr("Weights %1").arg(paramsText(layer.weight->params));
    }
    if (!layer.implementation.empty()) {
        lines << tr("By %1 %2")
                     .arg(QString::fromStdString(layer.backend),
                          QString::fromStdString(layer.implementation));
    }
    return lines.join(QLatin1Char('\n'));
}

/// What the operators run in, and why where it is not what was asked for.
QString InspectorView::precisionsOf(const std::vector<std::shared_ptr<const core::LayerReport>>& layers)
{
    std::map<std::pair<std::string, std::string>, int> counts;
    for (const auto& layer : layers) {
        ++counts[{core::toString(layer->effective), layer->reason}];
    }
    QStringList lines;
    for (const auto& [what, count] : counts) {
        const QString precision = QString::fromStdString(what.first);
        lines << (what.second.empty() ? tr("%n run as %1", nullptr, count).arg(precision)
                                      : tr("%n run as %1: %2", nullptr, count)
                                            .arg(precision, QString::fromStdString(what.second)));
    }
    return lines.join(QLatin1Char('\n'));
}

void InspectorView::refresh()
{
    const auto selected = layers();
    const bool any = m_plan && !selected.empty();
    for (QWidget* const widget : {static_cast<QWidget*>(m_form), static_cast<QWidget*>(m_reset),
                                  static_cast<QWidget*>(m_selectType)}) {
        widget->setVisible(any);
    }
    m_copy->setVisible(m_plan && m_results);
    if (!any) {
        m_title->setText(m_results ? tr("Nothing selected") : tr("No results yet"));
        m_facts->setText(m_results ? tr("Select an operator in the table; Ctrl and Shift select many.")
                                   : tr("Open a model with Ctrl+O."));
        return;
    }
    const core::LayerReport& leading = *selected.back();
    if (selected.size() == 1) {
        m_title->setText(
            tr("%1 · %2").arg(QString::fromStdString(leading.name), QString::fromStdString(leading.type)));
        m_facts->setText(factsOf(leading));
    } else {
        m_title->setText(tr("%n operators, edited together", nullptr, static_cast<int>(selected.size())));
        m_facts->setText(precisionsOf(selected));
    }
    m_selectType->setText(tr("All %1").arg(QString::fromStdString(leading.type)));
    std::vector<core::OperatorSettings> applying;
    std::vector<core::OperatorSettings> own;
    bool inherits = true;
    for (const auto& layer : selected) {
        applying.push_back(settingsOf(*m_plan, *layer));
        own.push_back(ownSettings(*m_plan, *layer));
        inherits = inherits && layer->inheritsActivation;
    }
    m_reset->setEnabled(
        std::ranges::any_of(own, [](const core::OperatorSettings& settings) { return !settings.isEmpty(); }));
    m_form->show(applying, own, inherits);
}

void InspectorView::edit(const SettingsField& field, const QString& what, const QString& value,
                         const QString& mergeKey)
{
    if (field.ofWholePlan && m_plan) {
        core::QuantizationPlan next = *m_plan;
        field.set(next.defaults, value);
        emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)), what, mergeKey});
        return;
    }
    const bool ofOutput = field.key.startsWith(QLatin1String("activation."));
    edit(
        what, ofOutput ? Whom::Writers : Whom::All,
        [&](core::OperatorSettings& settings) { field.set(settings, value); }, mergeKey);
}

void InspectorView::edit(const QString& what, Whom whom, const Change& change, const QString& mergeKey)
{
    const auto selected = layers();
    if (!m_plan || selected.empty()) {
        return;
    }
    core::QuantizationPlan next = *m_plan;
    for (const auto& layer : selected) {
        if (whom == Whom::Writers && layer->inheritsActivation) {
            continue; // its range is that of its input: a plan must not say otherwise
        }
        core::OperatorSettings settings = ownSettings(next, *layer);
        change(settings);
        next = withSettings(next, *layer, settings);
    }
    const QString name = selected.size() == 1
        ? QString::fromStdString(selected.front()->name)
        : tr("%n operators", nullptr, static_cast<int>(selected.size()));
    emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)), tr("%1: %2").arg(name, what),
                     mergeKey.isEmpty() ? QString() : mergeKey + name});
}

void InspectorView::applyMethod(const core::CalibrationMethod& method)
{
    const auto selected = layers();
    if (selected.empty()) {
        return;
    }
    if (method.name != "manual") {
        edit(methodTitle(method), Whom::Writers, [&](core::OperatorSettings& settings) {
            settings.activation.method = method;
            settings.activation.range.reset();
        });
        return;
    }
    // Manual starts from the ranges in use.
    core::QuantizationPlan next = *m_plan;
    for (const auto& layer : selected) {
        if (layer->activation && !layer->activation->threshold.empty() && !layer->inheritsActivation) {
            core::OperatorSettings settings = ownSettings(next, *layer);
            settings.activation.method = method;
            settings.activation.range = layer->activation->threshold.front();
            next = withSettings(next, *layer, settings);
        }
    }
    emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)), tr("Manual range"), {}});
}

void InspectorView::toggleFloat()
{
    const auto selected = layers();
    const bool all = m_plan && std::ranges::all_of(selected, [&](const auto& layer) {
                         const auto precision = settingsOf(*m_plan, *layer).precision;
                         return precision && !precision->isInteger();
                     });
    const bool byDefault = m_plan && m_plan->defaults.precision.value_or(core::kInt8).isInteger();
    edit(all ? tr("quantize") : tr("keep FP32"), Whom::All, [&](core::OperatorSettings& settings) {
        if (!all) {
            settings.precision = core::kFp32;
        } else if (byDefault) {
            settings.precision.reset();
        } else {
            settings.precision = core::kInt8;
        }
    });
}

void InspectorView::resetToDefaults()
{
    edit(tr("reset to defaults"), Whom::All, [](core::OperatorSettings& settings) { settings = {}; });
}

void InspectorView::selectType()
{
    const auto selected = layers();
    if (selected.empty()) {
        return;
    }
    std::vector<core::OperatorId> all;
    for (const auto& layer : m_results->report->layers) {
        if (layer->type == selected.back()->type) {
            all.push_back(layer->id);
        }
    }
    m_selection->selectMany(all, selected.back()->id);
}

} // namespace views
