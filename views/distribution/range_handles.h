#pragma once

#include "core/params/quantization_params.h"

#include <QPoint>

#include <optional>

class QCPAxisRect;
class QCPItemRect;
class QCPItemStraightLine;
class QCustomPlot;

namespace views {

struct PlotColors;

/// The two ends of a range on the value axis of a plot: lines with grips to drag, the clipped tails beyond
/// them tinted.
class RangeHandles
{
public:
    enum class Handle
    {
        Min,
        Max
    };
    struct Bounds
    {
        core::Range range;
        bool shown = false;
        bool movable = false; ///< can be dragged
        bool lowerMovable = false; ///< the lower one as well
        bool mirrored = false; ///< both ends move together: a symmetric scheme
        double span = 1.0; ///< of what is drawn; decides the least width of a range
    };

    /// The items belong to the plot.
    RangeHandles(QCustomPlot* plot, QCPAxisRect* rect);

    void setBounds(const Bounds& bounds);
    void setRange(core::Range range);
    void setColors(const PlotColors& colors);
    [[nodiscard]] const core::Range& range() const { return m_bounds.range; }

    [[nodiscard]] std::optional<Handle> at(QPoint position) const; ///< in the plot's coordinates
    /// The range with that end at a value. Zero stays inside, and the range keeps a width.
    [[nodiscard]] core::Range moved(Handle handle, double to) const;
    [[nodiscard]] core::Range movedToPixel(Handle handle, int x) const;
    [[nodiscard]] QPoint positionOf(Handle handle) const; ///< in the plot's coordinates

private:
    struct Items
    {
        QCPItemStraightLine* line = nullptr;
        QCPItemRect* grip = nullptr;
        QCPItemRect* tail = nullptr;
    };
    Items make();
    void place();

    QCustomPlot* m_plot;
    QCPAxisRect* m_rect;
    Items m_min;
    Items m_max;
    Bounds m_bounds;
};

} // namespace views
