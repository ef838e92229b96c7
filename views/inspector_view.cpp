#include "views/inspector_view.h"

#include "views/format.h"
#include "views/selection.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace views {

namespace {

QComboBox* makeChoice(const QString& name, const QString& label, const QString& help,
                      const QStringList& texts, QFormLayout* form)
{
    auto* const box = new QComboBox(form->parentWidget());
    box->setObjectName(name);
    box->setAccessibleName(label);
    box->setToolTip(help);
    box->setPlaceholderText(InspectorView::tr("(several)"));
    for (const QString& text : texts) {
        box->addItem(text, text);
    }
    box->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    box->setMinimumWidth(90);
    form->addRow(label, box);
    return box;
}

void addMethods(QComboBox* box)
{
    for (const core::CalibrationMethodDefinition& method : core::calibrationMethods()) {
        const QString name = QString::fromUtf8(method.name.data(), qsizetype(method.name.size()));
        const QString title = QString::fromUtf8(method.title.data(), qsizetype(method.title.size()));
        box->addItem(title.isEmpty() ? name : title, name);
        box->setItemData(box->count() - 1,
                         QString::fromUtf8(method.help.data(), qsizetype(method.help.size())),
                         Qt::ToolTipRole);
    }
}

/// The one value that all settings share, or nothing.
template <typename Get>
auto shared(const std::vector<core::OperatorSettings>& settings, Get get) -> decltype(get(settings.front()))
{
    auto first = get(settings.front());
    const bool same = std::ranges::all_of(settings, [&](const auto& other) { return get(other) == first; });
    return same ? first : decltype(first){};
}

template <typename T>
void choose(QComboBox* box, const std::optional<T>& value)
{
    box->setCurrentIndex(value ? box->findData(QString::fromStdString(core::toString(*value))) : -1);
}

} // namespace

InspectorView::InspectorView(Selection* selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_title(new QLabel(this))
    , m_facts(new QLabel(this))
    , m_fields(new QWidget(this))
    , m_parameter(new QDoubleSpinBox(this))
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

    // Output and weights side by side: the dock is wide and low.
    auto* const halves = new QHBoxLayout(m_fields);
    halves->setContentsMargins(0, 0, 0, 0);
    halves->setSpacing(16);
    const auto half = [&] {
        auto* const side = new QWidget(m_fields);
        auto* const made = new QFormLayout(side);
        made->setContentsMargins(0, 0, 0, 0);
        made->setVerticalSpacing(3);
        made->setHorizontalSpacing(8);
        made->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
        made->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
        halves->addWidget(side, 1, Qt::AlignTop);
        return made;
    };
    QFormLayout* const form = half();
    QFormLayout* const weights = half();
    m_outputForm = form;
    const QStringList bits{"2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "16"};
    m_precision =
        makeChoice(QStringLiteral("precision"), tr("Precision"), tr("What the operator is to run in"),
                   {"int8", "fp32", "bf16", "fp16", "int4", "int6", "int16"}, form);
    m_method = makeChoice(QStringLiteral("activationMethod"), tr("Output by"),
                          tr("How the range of the output is chosen"), {}, form);
    addMethods(m_method);
    m_parameter->setObjectName(QStringLiteral("activationParameter"));
    m_parameter->setDecimals(4);
    m_parameter->setKeyboardTracking(false);
    m_parameter->setAccessibleName(tr("Parameter of the method"));
    form->addRow(tr("Parameter"), m_parameter);
    m_scheme = makeChoice(QStringLiteral("activationScheme"), tr("Scheme"),
                          tr("Asymmetric: any zero point. Symmetric: zero point 0"),
                          {"asymmetric", "symmetric"}, form);
    m_bits = makeChoice(QStringLiteral("activationBits"), tr("Bits"), tr("Width of the codes"), bits, form);
    m_weightMethod = makeChoice(QStringLiteral("weightMethod"), tr("Weights by"),
                                tr("How the range of the weights is chosen"), {}, weights);
    addMethods(m_weightMethod);
    m_granularity = makeChoice(QStringLiteral("weightGranularity"), tr("Granularity"),
                               tr("One scale per tensor, or one per output channel"),
                               {"per-channel", "per-tensor"}, weights);
    m_weightScheme = makeChoice(QStringLiteral("weightScheme"), tr("Scheme"),
                                tr("Asymmetric: any zero point. Symmetric: zero point 0"),
                                {"symmetric", "asymmetric"}, weights);
    m_weightBits =
        makeChoice(QStringLiteral("weightBits"), tr("Bits"), tr("Width of the codes"), bits, weights);

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
    column->addWidget(m_fields);
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
    connectFields();
    refresh();
}

void InspectorView::connectFields()
{
    const auto onChoice = [this](QComboBox* box, const QString& what, auto change) {
        connect(box, &QComboBox::activated, this, [=, this] {
            const std::string text = box->currentData().toString().toStdString();
            edit(what.arg(box->currentText()),
                 [&](core::OperatorSettings& settings) { change(settings, text); });
        });
    };
    onChoice(m_precision, tr("Precision %1"), [](auto& settings, const std::string& text) {
        settings.precision = core::parsePrecision(text);
        if (settings.precision->isInteger()) { // intN sets both widths
            settings.activation.bits.reset();
            settings.weight.bits.reset();
        }
    });
    onChoice(m_scheme, tr("Scheme %1"),
             [](auto& s, const std::string& text) { s.activation.scheme = core::parseScheme(text); });
    onChoice(m_bits, tr("%1 bits"),
             [](auto& s, const std::string& text) { s.activation.bits = std::stoi(text); });
    onChoice(m_weightScheme, tr("Weight scheme %1"),
             [](auto& s, const std::string& text) { s.weight.scheme = core::parseScheme(text); });
    onChoice(m_weightBits, tr("Weights of %1 bits"),
             [](auto& s, const std::string& text) { s.weight.bits = std::stoi(text); });
    onChoice(m_granularity, tr("Weights %1"),
             [](auto& s, const std::string& text) { s.weight.granularity = core::parseGranularity(text); });
    onChoice(m_weightMethod, tr("Weights by %1"),
             [](auto& s, const std::string& text) { s.weight.method = core::parseCalibrationMethod(text); });
    connect(m_method, &QComboBox::activated, this, [this] {
        applyMethod(core::parseCalibrationMethod(m_method->currentData().toString().toStdString()));
    });
    connect(m_parameter, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        if (!m_showing && m_method->currentIndex() >= 0) {
            const std::string name = m_method->currentData().toString().toStdString();
            edit(
                tr("%1 %2").arg(m_method->currentText()).arg(value),
                [&](core::OperatorSettings& s) {
                    s.activation.method = core::CalibrationMethod{name, value};
                },
                QStringLiteral("parameter"));
        }
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

void InspectorView::refresh()
{
    const auto selected = layers();
    const bool any = m_plan && !selected.empty();
    for (QWidget* const widget :
         {m_fields, static_cast<QWidget*>(m_reset), static_cast<QWidget*>(m_selectType)}) {
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
        m_title->setText(tr("%n operators", nullptr, static_cast<int>(selected.size())));
        m_facts->setText(tr("Edits apply to all of them."));
    }
    m_selectType->setText(tr("All %1").arg(QString::fromStdString(leading.type)));
    std::vector<core::OperatorSettings> settings;
    bool overridden = false;
    for (const auto& layer : selected) {
        settings.push_back(settingsOf(*m_plan, *layer));
        overridden = overridden || !ownSettings(*m_plan, *layer).isEmpty();
    }
    m_reset->setEnabled(overridden);
    showFields(settings);
}

void InspectorView::showFields(const std::vector<core::OperatorSettings>& settings)
{
    m_showing = true;
    const auto precision = shared(settings, [](const auto& s) { return s.precision; });
    choose(m_precision, precision);
    choose(m_scheme, shared(settings, [](const auto& s) { return s.activation.scheme; }));
    choose(m_weightScheme, shared(settings, [](const auto& s) { return s.weight.scheme; }));
    choose(m_granularity, shared(settings, [](const auto& s) { return s.weight.granularity; }));
    const auto chooseBits = [](QComboBox* box, std::optional<int> bits) {
        box->setCurrentIndex(bits ? box->findData(QString::number(*bits)) : -1);
    };
    chooseBits(m_bits, shared(settings, [](const auto& s) { return s.activation.bits; }));
    chooseBits(m_weightBits, shared(settings, [](const auto& s) { return s.weight.bits; }));
    const auto method = shared(settings, [](const auto& s) { return s.activation.method; });
    const auto weightMethod = shared(settings, [](const auto& s) { return s.weight.method; });
    m_method->setCurrentIndex(method ? m_method->findData(QString::fromStdString(method->name)) : -1);
    m_weightMethod->setCurrentIndex(
        weightMethod ? m_weightMethod->findData(QString::fromStdString(weightMethod->name)) : -1);
    const core::CalibrationMethodDefinition* const definition =
        method ? core::findCalibrationMethod(method->name) : nullptr;
    const bool hasParameter = definition && definition->parameter;
    m_parameter->setVisible(hasParameter);
    m_outputForm->labelForField(m_parameter)->setVisible(hasParameter);
    if (hasParameter) {
        m_parameter->setRange(definition->lowest, definition->highest);
        m_parameter->setValue(method->parameter.value_or(*definition->parameter));
        m_parameter->setToolTip(tr("%1 … %2").arg(definition->lowest).arg(definition->highest));
    }
    const bool integer = !precision || precision->isInteger();
    for (QWidget* const widget :
         {static_cast<QWidget*>(m_scheme), static_cast<QWidget*>(m_bits),
          static_cast<QWidget*>(m_weightScheme), static_cast<QWidget*>(m_weightBits),
          static_cast<QWidget*>(m_granularity), static_cast<QWidget*>(m_weightMethod)}) {
        widget->setEnabled(integer);
    }
    m_showing = false;
}

void InspectorView::edit(const QString& what, const Change& change, const QString& mergeKey)
{
    const auto selected = layers();
    if (m_showing || !m_plan || selected.empty()) {
        return;
    }
    core::QuantizationPlan next = *m_plan;
    for (const auto& layer : selected) {
        core::OperatorSettings settings = ownSettings(next, *layer);
        change(settings);
        next = withSettings(next, *layer, settings);
    }
    const QString whom = selected.size() == 1
        ? QString::fromStdString(selected.front()->name)
        : tr("%n operators", nullptr, static_cast<int>(selected.size()));
    emit planEdited({std::make_shared<core::QuantizationPlan>(std::move(next)), tr("%1: %2").arg(whom, what),
                     mergeKey.isEmpty() ? QString() : mergeKey + whom});
}

void InspectorView::applyMethod(const core::CalibrationMethod& method)
{
    const auto selected = layers();
    if (selected.empty()) {
        return;
    }
    if (method.name != "manual") {
        edit(methodTitle(method), [&](core::OperatorSettings& settings) {
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
    edit(all ? tr("quantize") : tr("keep FP32"),
         [&](core::OperatorSettings& settings) { settings.precision = all ? core::kInt8 : core::kFp32; });
}

void InspectorView::resetToDefaults()
{
    edit(tr("reset to defaults"), [](core::OperatorSettings& settings) { settings = {}; });
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
