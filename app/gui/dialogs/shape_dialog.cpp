#include "app/gui/dialogs/shape_dialog.h"

#include "io/data/named_dimensions.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>

namespace app {

namespace {

bool isDynamic(const core::Value& input)
{
    return input.hasShape && std::ranges::find(input.shape, core::kDynamic) != input.shape.end();
}

/// What the file calls that axis; empty: it has no name.
std::string nameOf(const core::Value& input, std::size_t axis)
{
    return axis < input.dimensionNames.size() ? input.dimensionNames[axis] : std::string();
}

/// What that axis was: of the input, or of all axes of its name.
std::optional<std::int64_t> knownSide(const std::map<std::string, core::Shape>& now, const core::Value& input,
                                      std::size_t axis)
{
    if (const auto known = now.find(input.name); known != now.end() && axis < known->second.size()) {
        return known->second[axis];
    }
    const auto named = now.find(nameOf(input, axis));
    return named != now.end() && named->second.size() == 1 ? std::optional(named->second[0]) : std::nullopt;
}

/// The batch is one execution, a cache begins without a past; other sides of pictures are often 224, and a
/// wrong guess is easily seen here.
int guessOf(const core::Value& input, std::size_t axis)
{
    const QString name = QString::fromStdString(nameOf(input, axis)).toLower();
    if (name.contains(QStringLiteral("past"))) {
        return 0;
    }
    if (name.contains(QStringLiteral("seq")) || name.contains(QStringLiteral("len"))) {
        return 128;
    }
    return axis == 0 || name.contains(QStringLiteral("batch")) ? 1 : 224;
}

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
            side->setRange(0, 1 << 20); // a cache may have no past
            side->setValue(static_cast<int>(knownSide(now, value, axis).value_or(guessOf(value, axis))));
            if (const std::string name = nameOf(value, axis); !name.empty()) {
                side->setPrefix(QString::fromStdString(name) + QStringLiteral(" = "));
                joinSides(m_named[name], side);
            }
            row->addWidget(side);
            input.sides.push_back(side);
        }
        row->addStretch(1);
        form->addRow(QString::fromStdString(value.name), row);
        m_inputs.push_back(std::move(input));
    }
    for (const auto& [name, sides] : m_named) {
        connect(sides.front(), &QSpinBox::valueChanged, this, &ShapeDialog::fillSums);
    }
    fillSums();
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    layout->addStretch(1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void ShapeDialog::joinSides(std::vector<QSpinBox*>& others, QSpinBox* side)
{
    if (!others.empty()) {
        side->setValue(others.front()->value());
    }
    for (QSpinBox* const other : others) {
        connect(other, &QSpinBox::valueChanged, side, &QSpinBox::setValue);
        connect(side, &QSpinBox::valueChanged, other, &QSpinBox::setValue);
    }
    others.push_back(side);
}

void ShapeDialog::fillSums()
{
    std::map<std::string, std::int64_t> sizes;
    for (const auto& [name, sides] : m_named) {
        if (name.find('+') == std::string::npos) {
            sizes[name] = sides.front()->value();
        }
    }
    for (const auto& [name, sides] : m_named) {
        const auto sum = sizes.contains(name) ? std::nullopt : io::dimensionSize(name, sizes);
        for (QSpinBox* const side : sides) {
            if (sum) {
                side->setValue(static_cast<int>(*sum));
                side->setEnabled(false);
            }
        }
    }
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
