#include "app/gui/dialogs/shape_dialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace app {

namespace {

bool isDynamic(const core::Value& input)
{
    return input.hasShape && std::ranges::find(input.shape, core::kDynamic) != input.shape.end();
}

/// The batch is one execution; other sides of pictures are often 224, and a wrong guess is easily seen here.
int guessOf(std::size_t axis) { return axis == 0 ? 1 : 224; }

} // namespace

bool ShapeDialog::isNeeded(const core::Graph& graph)
{
    return std::ranges::any_of(graph.inputs(), [&](core::ValueId id) { return isDynamic(graph.value(id)); });
}

ShapeDialog::ShapeDialog(const core::Graph& graph, const std::map<std::string, core::Shape>& now,
                         QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("shapeDialog"));
    setWindowTitle(tr("Input shapes"));
    auto* const layout = new QVBoxLayout(this);
    auto* const hint = new QLabel(
        tr("The model leaves these dimensions open. They take the numbers given here, or those of the "
           "data where it has a size of its own."),
        this);
    hint->setWordWrap(true);
    layout->addWidget(hint);
    auto* const form = new QFormLayout;
    layout->addLayout(form);
    for (const core::ValueId id : graph.inputs()) {
        const core::Value& value = graph.value(id);
        if (!isDynamic(value)) {
            continue;
        }
        Input input{value.name, value.shape, {}};
        const auto known = now.find(value.name);
        auto* const row = new QHBoxLayout;
        for (std::size_t axis = 0; axis < value.shape.size(); ++axis) {
            if (axis > 0) {
                row->addWidget(new QLabel(QStringLiteral("×"), this));
            }
            if (value.shape[axis] != core::kDynamic) {
                row->addWidget(new QLabel(QString::number(value.shape[axis]), this));
                input.sides.push_back(nullptr);
                continue;
            }
            auto* const side = new QSpinBox(this);
            side->setObjectName(
                QStringLiteral("shape:%1:%2").arg(QString::fromStdString(value.name)).arg(axis));
            side->setAccessibleName(tr("Axis %1 of %2").arg(axis).arg(QString::fromStdString(value.name)));
            side->setRange(1, 1 << 20);
            const bool has = known != now.end() && axis < known->second.size();
            side->setValue(has ? static_cast<int>(known->second[axis]) : guessOf(axis));
            row->addWidget(side);
            input.sides.push_back(side);
        }
        row->addStretch(1);
        form->addRow(QString::fromStdString(value.name), row);
        m_inputs.push_back(std::move(input));
    }
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    layout->addStretch(1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

std::map<std::string, core::Shape> ShapeDialog::shapes() const
{
    std::map<std::string, core::Shape> result;
    for (const Input& input : m_inputs) {
        core::Shape shape = input.shape;
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            if (input.sides[axis]) {
                shape[axis] = input.sides[axis]->value();
            }
        }
        result[input.name] = shape;
    }
    return result;
}

} // namespace app
