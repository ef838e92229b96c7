#pragma once

#include "core/report/results.h"
#include "views/base/panel.h"

class QCPGraph;
class QCPItemStraightLine;
class QCPItemTracer;
class QCustomPlot;
class QStackedWidget;
class QToolButton;

namespace views {

class Selection;
class SequencePlot;

/// SQNR of every operator in execution order, isolated and accumulated, with a pinned baseline behind. Of a
/// recurrent network also the errors over time, where a step is a sample that can be selected.
class ErrorProfileView : public Panel
{
    Q_OBJECT

public:
    explicit ErrorProfileView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setBaseline(std::shared_ptr<const core::Results> baseline) override;
    void setStale(bool stale) override;
    void showTime(bool time); ///< instead of the operators; only for recurrent networks
    [[nodiscard]] QPoint
    pointOf(core::OperatorId op) const; ///< where its accumulated error is drawn, for tests

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void redraw();
    void recolor();
    void mark();
    void drawSample();
    void draw(QCPGraph* graph, const core::Report* report, bool accumulated);
    [[nodiscard]] int operatorAt(QPoint position) const;

    Selection* m_selection;
    QStackedWidget* m_pages;
    QToolButton* m_timeButton; ///< hidden unless the network is recurrent
    SequencePlot* m_sequence;
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
    bool m_low = false; ///< no room for many names
};

} // namespace views
