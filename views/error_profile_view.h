#pragma once

#include "core/results.h"

#include <QWidget>

class QCPGraph;
class QCPItemStraightLine;
class QCPItemTracer;
class QCustomPlot;

namespace views {

class Selection;

/// SQNR of every operator in execution order, isolated and accumulated, with a pinned baseline behind.
class ErrorProfileView : public QWidget
{
    Q_OBJECT

public:
    explicit ErrorProfileView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results);
    void setBaseline(std::shared_ptr<const core::Results> baseline);
    void setStale(bool stale);
    [[nodiscard]] QPoint
    pointOf(core::OperatorId op) const; ///< where its accumulated error is drawn, for tests

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void redraw();
    void recolor();
    void mark();
    void drawSample();
    void draw(QCPGraph* graph, const core::Report* report, bool accumulated);
    [[nodiscard]] int operatorAt(QPoint position) const;

    Selection* m_selection;
    QCustomPlot* m_plot;
    QCPGraph* m_baselineAccumulated;
    QCPGraph* m_baselineIsolated;
    QCPGraph* m_accumulated;
    QCPGraph* m_isolated;
    QCPGraph* m_sample; ///< accumulated, of the selected sample
    QCPItemStraightLine* m_marker;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::Results> m_baseline;
    bool m_stale = false;
};

} // namespace views
