#pragma once

#include "core/report/results.h"
#include "views/base/jobs.h"
#include "views/distribution/weight_plot.h"

#include <QWidget>

#include <memory>

class QLabel;
class QStackedLayout;

namespace views {

class Selection;

/// The weights of the selected operator: one channel large, all of them as a map.
class WeightsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit WeightsPanel(Selection* selection, QWidget* parent = nullptr);

    /// Nothing is computed before the panel is visible.
    void setLayer(std::shared_ptr<const core::Results> results,
                  std::shared_ptr<const core::LayerReport> layer);
    void setCountScale(HistogramCurves::CountScale scale) { m_plot->setCountScale(scale); }
    [[nodiscard]] bool isBusy() const { return !m_jobs.idle(); }

signals:
    void ready(); ///< the weights asked for are shown, or it is said why there are none

protected:
    void showEvent(QShowEvent* event) override;

private:
    void compute();
    void take(const std::shared_ptr<const core::LayerReport>& layer,
              std::shared_ptr<const WeightChannels> channels);
    void showChannel();

    Selection* m_selection;
    WeightPlot* m_plot;
    QLabel* m_facts;
    QLabel* m_empty;
    QStackedLayout* m_stack;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::LayerReport> m_layer;
    std::shared_ptr<const core::LayerReport> m_computed; ///< what m_channels are of
    std::shared_ptr<const WeightChannels> m_channels;
    Jobs m_jobs; // last: joins before the rest is destroyed
};

} // namespace views
