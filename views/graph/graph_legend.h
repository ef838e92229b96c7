#pragma once

#include "views/graph/graph_metric.h"

#include <QWidget>

namespace views {

/// The fixed scale of the graph's colours: title, colours, and the values at both ends and in the middle.
class GraphLegend : public QWidget
{
    Q_OBJECT

public:
    explicit GraphLegend(QWidget* parent = nullptr);

    void setMetric(GraphMetric metric);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    GraphMetric m_metric = GraphMetric::AtOutput;
};

} // namespace views
