#include "views/inspector/inspector_form.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

namespace views {

namespace {

/// The one value that all settings share, or none.
template <typename Get>
auto shared(const std::vector<core::OperatorSettings>& settings, const Get& get)
    -> decltype(get(settings.front()))
{
    const auto first = get(settings.front());
    const bool same = std::ranges::all_of(settings, [&](const auto& other) { return get(other) == first; });
    return same ? first : decltype(get(settings.front())){};
}

bool isMethod(const SettingsField& field) { return field.key.endsWith(QLatin1String("method")); }

} // namespace

InspectorForm::InspectorForm(QWidget* parent)
    : QWidget(parent)
    , m_more(new QToolButton(this))
    , m_help(new QLabel(this))
{
    setObjectName(QStringLiteral("inspectorForm"));
    m_more->setObjectName(QStringLiteral("inspectorMore"));
    m_more->setText(tr("More settings"));
    m_more->setCheckable(true);
    m_more->setAutoRaise(true);
    m_more->setArrowType(Qt::RightArrow);
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_help->setObjectName(QStringLiteral("inspectorHelp"));
    m_help->setForegroundRole(QPalette::PlaceholderText);
    m_help->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* const common = new QHBoxLayout;
    auto* const rare = new QHBoxLayout;
    auto* const foot = new QHBoxLayout;
    foot->addWidget(m_more);
    foot->addWidget(m_help, 1);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    column->addLayout(common);
    column->addLayout(foot);
    column->addLayout(rare);
    QFormLayout* const left = makeHalf(common);
    QFormLayout* const right = makeHalf(common);
    QFormLayout* const rareLeft = makeHalf(rare);
    QFormLayout* const rareRight = makeHalf(rare);
    int rareRows = 0;
    m_rows.reserve(settingsFields().size());
    for (const SettingsField& field : settingsFields()) {
        QFormLayout* const form = field.rare             ? (rareRows++ % 2 == 0 ? rareLeft : rareRight)
            : field.half == SettingsField::Half::Weights ? right
                                                         : left;
        m_rows.push_back(makeRow(field, form));
    }
    connect(m_more, &QToolButton::toggled, this, &InspectorForm::showRare);
    showRare();
}

QFormLayout* InspectorForm::makeHalf(QHBoxLayout* halves)
{
    halves->setSpacing(16);
    auto* const side = new QWidget(this);
    auto* const made = new QFormLayout(side);
    made->setContentsMargins(0, 0, 0, 0);
    made->setVerticalSpacing(3);
    made->setHorizontalSpacing(8);
    made->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
    made->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    halves->addWidget(side, 1, Qt::AlignTop);
    return made;
}

InspectorForm::Row InspectorForm::makeRow(const SettingsField& field, QFormLayout* form)
{
    Row row;
    row.field = &field;
    row.box = new QComboBox(form->parentWidget());
    row.label = new QLabel(field.label, form->parentWidget());
    row.label->setBuddy(row.box);
    row.box->setObjectName(field.name);
    row.box->setAccessibleName(field.label);
    row.box->setToolTip(field.help);
    row.label->setToolTip(field.help);
    row.box->setPlaceholderText(tr("(several)"));
    row.box->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    row.box->setMinimumWidth(90);
    for (const SettingsField::Choice& choice : field.choices) {
        row.box->addItem(choice.title.isEmpty() ? choice.value : choice.title, choice.value);
        row.box->setItemData(row.box->count() - 1, choice.help, Qt::ToolTipRole);
    }
    row.box->installEventFilter(this);
    form->addRow(row.label, row.box);
    connect(row.box, &QComboBox::activated, this,
            [this, row] { emit chosen(*row.field, row.box->currentData().toString()); });
    if (isMethod(field)) {
        addParameter(row, form);
    }
    return row;
}

void InspectorForm::addParameter(Row& row, QFormLayout* form)
{
    row.parameter = new QDoubleSpinBox(form->parentWidget());
    row.parameter->setObjectName(
        QString(row.field->name).replace(QLatin1String("Method"), QLatin1String("Parameter")));
    row.parameter->setDecimals(4);
    row.parameter->setKeyboardTracking(false);
    row.parameter->setAccessibleName(tr("Parameter of the method"));
    row.parameterLabel = new QLabel(tr("Parameter"), form->parentWidget());
    form->addRow(row.parameterLabel, row.parameter);
    connect(row.parameter, &QDoubleSpinBox::valueChanged, this, [this, row](double value) {
        if (!m_showing && row.box->currentIndex() >= 0) {
            emit parameterChosen(*row.field,
                                 QStringLiteral("%1:%2").arg(row.box->currentData().toString()).arg(value));
        }
    });
}

void InspectorForm::show(const std::vector<core::OperatorSettings>& applying,
                         const std::vector<core::OperatorSettings>& own, bool inherits)
{
    m_showing = true;
    const auto precision = shared(applying, [](const auto& s) { return s.precision; });
    const bool integer = !precision || precision->isInteger();
    for (const Row& row : m_rows) {
        showRow(row, applying, own);
        const bool taken = inherits && row.field->key.startsWith(QLatin1String("activation."));
        row.box->setEnabled(!taken && (integer || !row.field->integerOnly));
        row.box->setToolTip(taken ? tr("Takes the range and codes of its input: change them there")
                                  : row.field->help);
        if (row.parameter) {
            row.parameter->setEnabled(row.box->isEnabled());
        }
    }
    m_showing = false;
}

void InspectorForm::showRow(const Row& row, const std::vector<core::OperatorSettings>& applying,
                            const std::vector<core::OperatorSettings>& own)
{
    const auto value = shared(applying, row.field->choice);
    int index = value ? row.box->findData(*value) : -1;
    if (value && index < 0) { // a value that is not on offer, from a plan written by hand
        row.box->addItem(*value, *value);
        index = row.box->count() - 1;
    }
    row.box->setCurrentIndex(index);
    row.box->setPlaceholderText(applying.size() > 1 ? tr("(several)") : tr("(as the rest)"));
    QFont font = row.label->font();
    font.setBold(std::ranges::any_of(own, [&](const auto& s) { return row.field->get(s).has_value(); }));
    row.label->setFont(font);
    if (row.parameter) {
        const bool weights = row.field->half == SettingsField::Half::Weights;
        showParameter(row, shared(applying, [weights](const core::OperatorSettings& s) {
                          return weights ? s.weight.method : s.activation.method;
                      }));
    }
}

void InspectorForm::showParameter(const Row& row, const std::optional<core::CalibrationMethod>& method)
{
    const core::CalibrationMethodDefinition* const definition =
        method ? core::findCalibrationMethod(method->name) : nullptr;
    const bool has = definition && definition->parameter;
    row.parameter->setVisible(has);
    row.parameterLabel->setVisible(has);
    if (has) {
        row.parameter->setRange(definition->lowest, definition->highest);
        row.parameter->setValue(method->parameter.value_or(*definition->parameter));
        row.parameter->setToolTip(tr("%1 … %2").arg(definition->lowest).arg(definition->highest));
    }
}

void InspectorForm::showRare()
{
    const bool shown = m_more->isChecked();
    m_more->setArrowType(shown ? Qt::DownArrow : Qt::RightArrow);
    for (const Row& row : m_rows) {
        if (row.field->rare) {
            row.box->setVisible(shown);
            row.label->setVisible(shown);
        }
    }
}

bool InspectorForm::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Enter || event->type() == QEvent::FocusIn) {
        const auto row = std::ranges::find(m_rows, watched, &Row::box);
        if (row != m_rows.end()) {
            m_help->setText(row->box->toolTip());
        }
    } else if (event->type() == QEvent::Leave) {
        m_help->clear();
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace views
