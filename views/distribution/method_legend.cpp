#include "views/distribution/method_legend.h"

#include "views/base/format.h"
#include "views/base/table_copy.h"
#include "views/base/theme.h"

#include <QHeaderView>

#include <algorithm>

namespace views {

namespace {

constexpr std::size_t kMostRows = 8; // as many as there are colours

enum MethodColumn
{
    Swatch,
    Name,
    Threshold,
    Clip,
    Round,
    Total,
    Sqnr,
    MethodColumns
};

} // namespace

MethodLegend::MethodLegend(QWidget* parent)
    : QTableWidget(0, MethodColumns, parent)
{
    setObjectName(QStringLiteral("methodLegend"));
    setAccessibleName(tr("Calibration methods on this tensor"));
    setHorizontalHeaderLabels(
        {{}, tr("Method"), tr("Threshold"), tr("Clip"), tr("Round"), tr("Total"), tr("dB")});
    const QStringList help{{},
                           tr("Double click applies the method to this operator"),
                           tr("Range the method chooses from the calibration data, in the tensor's own unit"),
                           tr("sqrt(Σ(y−clamp(y))²) / ‖y‖₂, expected from the calibration histogram"),
                           tr("sqrt(Σ(clamp(y)−Q(y))²) / ‖y‖₂, expected from the calibration histogram"),
                           tr("‖y−Q(y)‖₂ / ‖y‖₂, expected from the calibration histogram"),
                           tr("SQNR: −20·log₁₀ of Total, in dB; the best is bold")};
    for (int column = 1; column < MethodColumns; ++column) {
        horizontalHeaderItem(column)->setToolTip(help[column]);
        horizontalHeaderItem(column)->setTextAlignment((column >= Threshold ? Qt::AlignRight : Qt::AlignLeft)
                                                       | Qt::AlignVCenter);
    }
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 5);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(14);
    horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Stretch);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    installCopy(this);
    connect(this, &QTableWidget::cellEntered, this, &MethodLegend::highlighted);
    connect(this, &QTableWidget::currentCellChanged, this, &MethodLegend::highlighted);
    connect(this, &QTableWidget::cellActivated, this, [this](int row) {
        if (m_costs && row >= 0 && row < static_cast<int>(m_shown.size())) {
            const int index = m_shown[static_cast<std::size_t>(row)];
            emit applied(m_costs->methods[static_cast<std::size_t>(index)].method);
        }
    });
}

void MethodLegend::clearCosts()
{
    m_costs.reset();
    m_shown.clear();
    setCurrentCell(-1, -1); // what was pointed at belongs to another tensor
}

void MethodLegend::showPending()
{
    clearCosts();
    for (int row = 0; row < rowCount(); ++row) {
        for (int column = Threshold; column < MethodColumns; ++column) {
            item(row, column)->setText(QStringLiteral("…"));
        }
    }
}

void MethodLegend::setCosts(std::shared_ptr<const TensorCosts> costs,
                            const std::optional<core::CalibrationMethod>& used, const QString& name)
{
    m_costs = std::move(costs);
    m_shown.clear();
    for (std::size_t i = 0; i < m_costs->methods.size(); ++i) {
        // Compatibility variants of other tools (name:tool) are compared in the Methods dock.
        if (m_costs->methods[i].method.name.find(':') == std::string::npos && m_shown.size() < kMostRows) {
            m_shown.push_back(static_cast<int>(i));
        }
    }
    const auto method = [&](int i) -> const core::MethodOutcome& {
        return m_costs->methods[static_cast<std::size_t>(i)];
    };
    const auto best =
        std::ranges::min_element(m_shown, {}, [&](int i) { return method(i).cost.totalSquared(); });
    setRowCount(static_cast<int>(m_shown.size()));
    for (int row = 0; row < rowCount(); ++row) {
        const int index = m_shown[static_cast<std::size_t>(row)];
        fillRow(row, best != m_shown.end() && index == *best, used && used->name == method(index).method.name,
                name);
    }
    fitHeight();
}

void MethodLegend::fillRow(int row, bool best, bool current, const QString& name)
{
    const core::MethodOutcome& outcome =
        m_costs->methods[static_cast<std::size_t>(m_shown[static_cast<std::size_t>(row)])];
    const PlotColors colors = plotColors(palette());
    const QStringList texts{{},
                            (current ? QStringLiteral("● ") : QStringLiteral("   "))
                                + methodTitle(outcome.method),
                            outcome.range.min < 0.0 ? rangeText(outcome.range) : realText(outcome.range.max),
                            shareText(relativeL2(outcome.cost, outcome.cost.clipSquared)),
                            shareText(relativeL2(outcome.cost, outcome.cost.roundSquared)),
                            shareText(relativeL2(outcome.cost, outcome.cost.totalSquared())),
                            decibelText(outcome.cost.sqnrDb())};
    for (int column = 0; column < MethodColumns; ++column) {
        auto* const cell = new QTableWidgetItem(texts[column]);
        cell->setTextAlignment((column >= Threshold ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        QFont strong = font();
        strong.setBold(best && column >= Total);
        cell->setFont(strong);
        if (column == Swatch) {
            QPixmap swatch(10, 3);
            swatch.fill(colors.series[static_cast<std::size_t>(row) % colors.series.size()]);
            cell->setData(Qt::DecorationRole, swatch);
        }
        cell->setToolTip(current
                             ? tr("In use. Double click another to apply it.")
                             : tr("Double click applies %1 to %2.").arg(methodTitle(outcome.method), name));
        setItem(row, column, cell);
    }
}

void MethodLegend::fitHeight()
{
    constexpr int kLeast = 110; // the plot above needs the room more
    const int height =
        horizontalHeader()->sizeHint().height() + rowCount() * verticalHeader()->defaultSectionSize() + 2;
    setMinimumHeight(std::min(height, kLeast));
    setMaximumHeight(height);
}

} // namespace views
