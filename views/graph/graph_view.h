#pragma once

#include "views/base/operators_query.h"
#include "views/graph/graph_boxes.h"
#include "views/graph/graph_metric.h"

#include <QGraphicsView>

#include <memory>
#include <optional>

class QComboBox;
class QLineEdit;
class QMenu;
class QToolButton;

namespace views {

class GraphItem;
class GraphLegend;
class GraphvizLayout;
class Selection;
struct GraphPlacement;

/// The operators as a graph, coloured by a metric on a fixed scale; edges as wide as the error that flows.
///
/// The first picture comes at once from our own placement; Graphviz's replaces its coordinates when it is
/// there. Above kMostBoxes operators repeated blocks are one box each. A double click opens a block, or shows
/// the ONNX nodes of a fused operator; another closes it again.
class GraphView : public QGraphicsView
{
    Q_OBJECT

public:
    using Metric = GraphMetric;

    explicit GraphView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results);
    void setStale(bool stale);
    [[nodiscard]] const GraphBoxes& picture() const;
    [[nodiscard]] QRectF boxRect(std::uint32_t box) const; ///< in scene coordinates
    [[nodiscard]] bool isArranging() const; ///< Graphviz is at work

public slots:
    void fit();
    void setQuery(const views::OperatorsQuery& query); ///< dims what does not match
    void setMetric(views::GraphMetric metric);
    void setCollapsed(bool collapsed); ///< repeated blocks as one box each
    void clearFind();
    void find(); ///< the keyboard goes to the search field

    void setOperatorMenu(QMenu* menu) { m_operatorMenu = menu; } ///< for a right click on an operator

signals:
    void arranged(); ///< Graphviz's coordinates are in place

protected:
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void choose(std::uint32_t box, bool also); ///< also: besides what is selected
    void makeBar();
    void foldBlocks();
    void rebuild();
    void recolor();
    void updateMarks(); ///< what is selected, what is dimmed
    void followSelection();
    void findNext();
    void toggle(std::uint32_t box);
    void replacePlacement(const GraphPlacement& placement);
    [[nodiscard]] std::optional<std::uint32_t> boxAt(QPoint position) const;
    [[nodiscard]] std::uint32_t worstOf(const GraphBox& box) const; ///< index of a layer
    [[nodiscard]] QString tipOf(std::uint32_t box) const;
    [[nodiscard]] Metric shownMetric() const; ///< the one chosen, or isolated while there is no sensitivity

    QMenu* m_operatorMenu = nullptr;
    Selection* m_selection;
    std::shared_ptr<const core::Results> m_results;
    GraphFolding m_folding;
    GraphItem* m_item;
    GraphvizLayout* m_layout;
    GraphLegend* m_legend;
    QWidget* m_bar = nullptr;
    QComboBox* m_metricBox = nullptr;
    QLineEdit* m_findField = nullptr;
    QToolButton* m_blocksButton = nullptr;
    OperatorsQuery m_query;
    OperatorsQuery m_findQuery;
    Metric m_metric = Metric::AtOutput;
    bool m_stale = false;
    bool m_userZoomed = false;
};

} // namespace views
