#pragma once

#include "core/report/results.h"
#include "core/statistics/statistics.h"
#include "views/base/tensor_costs.h"
#include "views/base/theme.h"
#include "views/distribution/cost_curves.h"
#include "views/distribution/histogram_curves.h"
#include "views/distribution/range_handles.h"
#include "views/distribution/threshold_lines.h"

#include <QWidget>

#include <map>
#include <optional>
#include <string>
#include <vector>

class QCPAxisRect;
class QCustomPlot;

namespace views {

/// Histograms of one tensor on one value axis with the range in use as two handles, and the cost of moving
/// them below.
class DistributionPlot : public QWidget
{
    Q_OBJECT

public:
    using Handle = RangeHandles::Handle;
    using CountScale = HistogramCurves::CountScale;

    struct Tensor
    {
        std::string key; ///< another key fits the view anew
        const core::TensorStatistics* statistics = nullptr;
        std::optional<core::QuantizationParams> params;
        const core::CodeCounts* codes = nullptr; ///< null: simulated from the FP32 values
        core::Range range;
        bool movable = false; ///< handles can be dragged
        bool lowerMovable = false; ///< the lower one as well
    };

    explicit DistributionPlot(QWidget* parent = nullptr);
    ~DistributionPlot() override;

    /// The statistics must live until the next call.
    void setTensor(const Tensor& tensor);
    void clear();
    void setRange(core::Range range); ///< moves the handles without telling
    /// The dequantized curve becomes what these params would make of the FP32 values.
    void preview(const core::QuantizationParams& params);
    void setCosts(const TensorCosts* costs, const std::vector<int>& shown); ///< indices into costs->methods
    void setCountScale(CountScale scale);
    void setColors(const PlotColors& colors);
    void highlightMethod(int row); ///< row of `shown`; −1: none
    void fit();
    /// While locked, a tensor keeps its axes whatever range, run or other tensor comes between.
    void setLocked(bool locked);
    [[nodiscard]] bool isLocked() const { return m_locked.contains(m_tensor.key); }

    [[nodiscard]] QPoint handlePosition(Handle handle) const; ///< in this widget's coordinates
    [[nodiscard]] core::Range shownValues() const; ///< ends of the value axis
    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }

signals:
    void rangeDragged(core::Range range); ///< while the mouse moves
    void rangeCommitted(core::Range range); ///< on release
    void handleGrabbed(views::DistributionPlot::Handle handle);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildRects();
    void showBounds();
    struct Axes
    {
        double valueLower = 0.0;
        double valueUpper = 1.0;
        double countLower = 0.0;
        double countUpper = 1.0;
    };
    [[nodiscard]] Axes axes() const;
    void setAxes(const Axes& axes);

    QCustomPlot* m_plot;
    QCPAxisRect* m_counts;
    HistogramCurves m_curves;
    CostCurves m_cost;
    RangeHandles m_handles;
    ThresholdLines m_thresholds;
    PlotColors m_colors;
    Tensor m_tensor;
    std::optional<Handle> m_dragging;
    core::Range m_beforeDrag;
    std::map<std::string, Axes> m_locked; ///< by key of a tensor
};

/// The output of an operator as a run left it; its statistics must be there. The results must outlive it.
[[nodiscard]] DistributionPlot::Tensor tensorOf(const core::Results& results, const core::LayerReport& layer);

} // namespace views
