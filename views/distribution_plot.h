#pragma once

#include "core/statistics.h"
#include "views/tensor_costs.h"
#include "views/theme.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCPItemRect;
class QCPItemStraightLine;
class QCustomPlot;

namespace views {

/// Histograms of one tensor on one value axis with the range in use as two handles, and the cost of moving
/// them below.
class DistributionPlot : public QWidget
{
    Q_OBJECT

public:
    enum class Handle
    {
        Min,
        Max
    };
    enum class CountScale
    {
        Logarithmic,
        Linear
    };

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

    [[nodiscard]] QPoint handlePosition(Handle handle) const; ///< in this widget's coordinates
    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }

signals:
    void rangeDragged(core::Range range); ///< while the mouse moves
    void rangeCommitted(core::Range range); ///< on release
    void handleGrabbed(views::DistributionPlot::Handle handle);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct HandleItems
    {
        QCPItemStraightLine* line = nullptr;
        QCPItemRect* grip = nullptr;
        QCPItemRect* tail = nullptr;
    };
    HandleItems makeHandle();
    void placeHandles();
    void drawCodes(const core::CodeCounts& codes, const core::QuantizationParams& params);
    void drawCurve(QCPGraph* graph, const std::vector<double>& counts);
    void drawMethodLines();
    void rescaleCounts();
    [[nodiscard]] std::optional<Handle> handleAt(QPoint position) const;
    [[nodiscard]] core::Range moved(Handle handle, double to) const;

    QCustomPlot* m_plot;
    QCPAxisRect* m_counts;
    QCPAxisRect* m_cost;
    QCPGraph* m_fp32;
    QCPGraph* m_quantized;
    QCPGraph* m_totalCost;
    QCPGraph* m_clipCost;
    QCPGraph* m_roundCost;
    HandleItems m_min;
    HandleItems m_max;
    std::vector<QCPItemStraightLine*> m_methodLines;
    std::vector<std::pair<core::Range, int>> m_methodRanges; // range and series
    int m_highlighted = -1;
    PlotColors m_colors;
    Tensor m_tensor;
    struct Grid;
    std::unique_ptr<Grid> m_grid;
    double m_highest = 1.0;
    CountScale m_scale = CountScale::Logarithmic;
    std::optional<Handle> m_dragging;
    core::Range m_beforeDrag;
};

} // namespace views
