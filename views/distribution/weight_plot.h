#pragma once

#include "views/distribution/histogram_curves.h"
#include "views/distribution/range_handles.h"
#include "views/distribution/weight_channels.h"

#include <QWidget>

#include <memory>

class QCPAxisRect;
class QCPColorMap;
class QCPCurve;
class QCPItemRect;
class QCustomPlot;

namespace views {

/// Histogram of one output channel of weights above a map of all channels, on one value axis: a channel that
/// uses little of its scale is a narrow line between far thresholds.
class WeightPlot : public QWidget
{
    Q_OBJECT

public:
    explicit WeightPlot(QWidget* parent = nullptr);

    void setChannels(std::shared_ptr<const WeightChannels> channels); ///< null clears
    void setChannel(std::size_t channel);
    void setCountScale(HistogramCurves::CountScale scale);
    [[nodiscard]] QPoint rowOf(std::size_t channel) const; ///< where the map shows it, in this widget
    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }

signals:
    void channelSelected(int channel);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void buildRects();
    void recolor();
    void drawMap();
    [[nodiscard]] int channelAt(QPoint position) const;

    QCustomPlot* m_plot;
    QCPAxisRect* m_counts;
    QCPAxisRect* m_rows;
    HistogramCurves m_curves;
    RangeHandles m_range;
    QCPColorMap* m_map;
    QCPCurve* m_lower; ///< thresholds of every channel
    QCPCurve* m_upper;
    QCPItemRect* m_row; ///< around the channel shown above
    std::shared_ptr<const WeightChannels> m_channels;
    std::size_t m_channel = 0;
};

} // namespace views
