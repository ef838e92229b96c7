#include "views/graph/graph_view.h"

#include "views/base/selection.h"
#include "views/base/theme.h"
#include "views/graph/graph_item.h"
#include "views/graph/graph_legend.h"
#include "views/graph/graphviz_layout.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolButton>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace views {

GraphView::GraphView(Selection* selection, QWidget* parent)
    : QGraphicsView(parent)
    , m_selection(selection)
    , m_item(new GraphItem)
    , m_layout(new GraphvizLayout(this))
    , m_legend(new GraphLegend(this))
{
    setObjectName(QStringLiteral("graphView"));
    setAccessibleName(tr("Graph of operators"));
    setScene(new QGraphicsScene(this));
    scene()->setItemIndexMethod(QGraphicsScene::NoIndex);
    scene()->addItem(m_item);
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setOptimizationFlag(DontSavePainterState);
    setDragMode(ScrollHandDrag);
    setTransformationAnchor(AnchorUnderMouse);
    setViewportUpdateMode(FullViewportUpdate); // what is written over the graph does not scroll
    makeBar();
    connect(m_selection, &Selection::changed, this, &GraphView::followSelection);
    connect(m_layout, &GraphvizLayout::ready, this, [this](const auto& placement) {
        replacePlacement(*placement);
        emit arranged();
    });
    connect(m_layout, &GraphvizLayout::busyChanged, viewport(), qOverload<>(&QWidget::update));
}

void GraphView::makeBar()
{
    m_bar = new QWidget(this);
    m_bar->setObjectName(QStringLiteral("graphBar"));
    m_bar->setAutoFillBackground(true);
    m_metricBox = new QComboBox(m_bar);
    m_metricBox->setObjectName(QStringLiteral("graphMetric"));
    m_metricBox->setAccessibleName(tr("Metric that colours the graph"));
    for (const Metric metric : kGraphMetrics) {
        m_metricBox->addItem(menuTextOf(metric), static_cast<int>(metric));
        m_metricBox->setItemData(m_metricBox->count() - 1, formulaOf(metric), Qt::ToolTipRole);
    }
    m_metricBox->setToolTip(tr("What colours the boxes"));
    m_metricBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_metricBox->setMinimumContentsLength(11);
    m_findField = new QLineEdit(m_bar);
    m_findField->setObjectName(QStringLiteral("graphFind"));
    m_findField->setAccessibleName(tr("Search in the graph"));
    m_findField->setPlaceholderText(tr("Find"));
    m_findField->setClearButtonEnabled(true);
    m_findField->setToolTip(
        tr("Dims what does not match; Enter goes to the next match.\nAs in the filter of operators: "
           "type:Conv sqnr<20 name:block3"));
    m_blocksButton = new QToolButton(m_bar);
    m_blocksButton->setObjectName(QStringLiteral("graphBlocks"));
    m_blocksButton->setText(tr("Blocks"));
    m_blocksButton->setCheckable(true);
    m_blocksButton->setAutoRaise(true);
    m_blocksButton->setToolTip(
        tr("Draws operators that share a name prefix, or that repeat, as one box; a double click opens it"));
    auto* const row = new QHBoxLayout(m_bar);
    row->setContentsMargins(4, 4, 4, 4);
    row->setSpacing(4);
    row->addWidget(m_metricBox, 1);
    row->addWidget(m_findField, 1);
    row->addWidget(m_blocksButton);
    setViewportMargins(0, m_bar->sizeHint().height(), 0, m_legend->sizeHint().height());
    connect(m_metricBox, &QComboBox::activated, this,
            [this](int index) { setMetric(static_cast<Metric>(m_metricBox->itemData(index).toInt())); });
    connect(m_blocksButton, &QToolButton::clicked, this, &GraphView::setCollapsed);
    connect(m_findField, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_findQuery = OperatorsQuery::parse(text);
        m_findQuery.bind(m_results.get());
        updateMarks();
    });
    connect(m_findField, &QLineEdit::returnPressed, this, &GraphView::findNext);
}

const GraphBoxes& GraphView::picture() const { return m_item->picture(); }

QRectF GraphView::boxRect(std::uint32_t box) const { return m_item->placement().boxes.at(box); }

bool GraphView::isArranging() const { return m_layout->isBusy(); }

void GraphView::setResults(std::shared_ptr<const core::Results> results)
{
    const bool sameOperators = m_results && results
        && m_results->report->layers.size() == results->report->layers.size()
        && m_results->operators == results->operators && !picture().boxes.empty();
    m_results = std::move(results);
    m_findQuery.bind(m_results.get());
    if (!sameOperators) {
        m_folding = {};
        m_userZoomed = false;
        if (m_results && m_results->report->layers.size() > kMostBoxes) {
            foldBlocks();
        }
        rebuild();
        return;
    }
    recolor();
}

void GraphView::foldBlocks()
{
    std::vector<std::string> names;
    std::vector<std::string> types;
    for (const auto& layer : m_results->report->layers) {
        names.push_back(layer->name);
        types.push_back(layer->type);
    }
    // On demand also where everything could be shown: then the coarsest division that is still one.
    const std::size_t most =
        names.size() > kMostBoxes ? kMostBoxes : std::max<std::size_t>(2, names.size() / 2);
    m_folding.blocks = findBlocks(names, types, most);
}

void GraphView::rebuild()
{
    m_layout->cancel();
    GraphBoxes boxes = m_results ? boxesOf(*m_results, m_folding) : GraphBoxes{};
    GraphPlacement placement = placeBoxes(boxes);
    if (m_results) {
        m_layout->start(boxes);
    }
    m_item->setPicture(std::move(boxes), std::move(placement));
    m_blocksButton->setChecked(!m_folding.blocks.empty());
    scene()->setSceneRect(m_item->boundingRect().adjusted(-40, -16, 40, 104));
    recolor();
    if (!m_userZoomed) {
        fit();
    }
}

void GraphView::replacePlacement(const GraphPlacement& placement)
{
    // What the user looks at stays where it is: the box nearest to the middle.
    const QPointF middle = mapToScene(viewport()->rect().center());
    const auto distance = [&](const QRectF& box) { return QLineF(box.center(), middle).length(); };
    const auto& before = m_item->placement().boxes;
    const auto nearest = std::ranges::min_element(before, {}, distance);
    const auto index = static_cast<std::size_t>(nearest - before.begin());
    const QPointF offset = nearest == before.end() ? QPointF() : middle - nearest->center();
    m_item->setPlacement(placement);
    scene()->setSceneRect(m_item->boundingRect().adjusted(-40, -16, 40, 104));
    if (!m_userZoomed) {
        fit();
    } else if (index < placement.boxes.size()) {
        centerOn(placement.boxes[index].center() + offset);
    }
    viewport()->update();
}

void GraphView::followSelection()
{
    updateMarks();
    const auto current = m_selection->current();
    if (m_results && current && core::indexOf(*current) < picture().boxOf.size()) {
        ensureVisible(boxRect(picture().boxOf[core::indexOf(*current)]), 30, 60);
    }
}

void GraphView::findNext()
{
    if (!m_results || m_findQuery.isEmpty()) {
        return;
    }
    const auto& layers = m_results->report->layers;
    const std::size_t from = m_selection->current() ? core::indexOf(*m_selection->current()) + 1 : 0;
    for (std::size_t k = 0; k < layers.size(); ++k) {
        const std::size_t i = (from + k) % layers.size();
        if (m_findQuery.matches(*layers[i])) {
            m_selection->select(layers[i]->id);
            return;
        }
    }
}

void GraphView::find()
{
    m_findField->setFocus(Qt::ShortcutFocusReason);
    m_findField->selectAll();
}

void GraphView::clearFind() { m_findField->clear(); }

void GraphView::setStale(bool stale)
{
    if (stale != m_stale) {
        m_stale = stale;
        recolor();
    }
}

void GraphView::setQuery(const OperatorsQuery& query)
{
    m_query = query;
    updateMarks();
}

void GraphView::setMetric(GraphMetric metric)
{
    m_metric = metric;
    m_metricBox->setCurrentIndex(m_metricBox->findData(static_cast<int>(metric)));
    recolor();
}

void GraphView::setCollapsed(bool collapsed)
{
    m_folding.blocks.clear();
    if (collapsed && m_results) {
        foldBlocks();
    }
    m_userZoomed = false;
    rebuild();
}

void GraphView::toggle(std::uint32_t index)
{
    const GraphBox box = picture().boxes[index];
    const QRectF before = boxRect(index);
    if (box.isBlock()) {
        std::erase_if(m_folding.blocks, [&](const GraphBlock& block) { return block.first == box.first; });
    } else if (!m_folding.opened.insert(box.first).second) {
        m_folding.opened.erase(box.first);
    }
    m_userZoomed = true; // the rest of the picture stays where it is, as far as it can
    const QPointF middle = mapToScene(viewport()->rect().center());
    rebuild();
    centerOn(middle + boxRect(picture().boxOf[box.first]).topLeft() - before.topLeft());
}

void GraphView::fit()
{
    m_userZoomed = false;
    if (picture().boxes.empty()) {
        return;
    }
    const QRectF all = scene()->sceneRect();
    // A deep network fits in height only unreadably small: then its beginning in readable size.
    const double whole = std::min(viewport()->width() / all.width(), viewport()->height() / all.height());
    const double wide = std::min(1.0, viewport()->width() / all.width());
    const double scale = whole >= 0.45 ? std::min(1.0, whole) : std::clamp(wide, 0.45, 0.85);
    setTransform(QTransform::fromScale(scale, scale));
    whole >= 0.45 ? centerOn(all.center()) : centerOn(boxRect(0).center().x(), 0.0);
    if (whole < 0.45 && m_selection->current()) {
        followSelection();
    }
}

void GraphView::wheelEvent(QWheelEvent* event)
{
    const double factor = std::pow(1.0015, event->angleDelta().y());
    const double now = transform().m11() * factor;
    if (now > 0.01 && now < 4.0) {
        m_userZoomed = true;
        scale(factor, factor);
    }
    event->accept();
}

void GraphView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    const QRect shown = viewport()->geometry();
    m_bar->setGeometry(0, 0, shown.width(), m_bar->sizeHint().height());
    m_legend->setGeometry(0, shown.bottom() + 1, shown.width(), m_legend->sizeHint().height());
    if (!m_userZoomed) {
        fit();
    }
}

void GraphView::changeEvent(QEvent* event)
{
    QGraphicsView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_bar) {
        recolor();
    }
}

} // namespace views
