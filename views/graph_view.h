#pragma once

#include "views/graph_placement.h"
#include "views/operators_query.h"

#include <QGraphicsView>

#include <vector>

class QGraphicsPathItem;

namespace views {

class Selection;
class NodeItem;

/// The operators as a graph, coloured by error on the common heat scale; edges as wide as the error that
/// flows.
class GraphView : public QGraphicsView
{
    Q_OBJECT

public:
    enum class Metric
    {
        AtOutput,
        Isolated,
        Accumulated
    };

    explicit GraphView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results);
    void setStale(bool stale);

public slots:
    void fit();
    void setQuery(const views::OperatorsQuery& query); ///< dims what does not match
    void setMetric(views::GraphView::Metric metric);

protected:
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void rebuild();
    void recolor();
    void followSelection();
    [[nodiscard]] Metric shownMetric() const; ///< the one chosen, or isolated while there is no sensitivity
    [[nodiscard]] std::optional<double> errorOf(const core::LayerReport& layer) const;

    Selection* m_selection;
    std::shared_ptr<const core::Results> m_results;
    GraphPlacement m_placement;
    std::vector<NodeItem*> m_nodes;
    std::vector<QGraphicsPathItem*> m_edges;
    OperatorsQuery m_query;
    Metric m_metric = Metric::AtOutput;
    bool m_stale = false;
    bool m_userZoomed = false;
};

} // namespace views
