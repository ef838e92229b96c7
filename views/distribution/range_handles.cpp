#include "views/distribution/range_handles.h"

#include "views/base/plot_tools.h"
#include "views/base/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace views {

namespace {
constexpr int kGrabPixels = 7;
constexpr double kGripWidth = 9.0;
constexpr double kGripHeight = 16.0;
} // namespace

RangeHandles::RangeHandles(QCustomPlot* plot, QCPAxisRect* rect)
    : m_plot(plot)
    , m_rect(rect)
    , m_min(make())
    , m_max(make())
{
    place();
}

RangeHandles::Items RangeHandles::make()
{
    Items items;
    items.tail = new QCPItemRect(m_plot);
    items.tail->setClipAxisRect(m_rect);
    placeAcross(items.tail->topLeft, m_rect);
    placeAcross(items.tail->bottomRight, m_rect);
    items.line = makeValueLine(m_plot, m_rect);
    items.grip = new QCPItemRect(m_plot);
    items.grip->setClipAxisRect(m_rect);
    for (QCPItemPosition* const corner : {items.grip->topLeft, items.grip->bottomRight}) {
        corner->setParentAnchor(items.line->point1);
        corner->setType(QCPItemPosition::ptAbsolute);
    }
    items.grip->topLeft->setCoords(-kGripWidth / 2, 0.0);
    items.grip->bottomRight->setCoords(kGripWidth / 2, kGripHeight);
    return items;
}

void RangeHandles::setColors(const PlotColors& colors)
{
    QColor tail = colors.clipped;
    tail.setAlphaF(0.13F);
    for (const Items& handle : {m_min, m_max}) {
        handle.line->setPen(QPen(colors.handle, 1.6));
        handle.grip->setPen(QPen(colors.ground, 1));
        handle.grip->setBrush(colors.handle);
        handle.tail->setPen(Qt::NoPen);
        handle.tail->setBrush(QBrush(tail));
    }
}

void RangeHandles::setBounds(const Bounds& bounds)
{
    m_bounds = bounds;
    place();
}

void RangeHandles::setRange(core::Range range)
{
    m_bounds.range = range;
    place();
}

void RangeHandles::place()
{
    const double far = 1e3 * (m_bounds.span + 1.0);
    const auto place = [](const Items& items, double at, double outside, bool shown, bool grip) {
        items.line->point1->setCoords(at, 0.0);
        items.line->point2->setCoords(at, 1.0);
        items.tail->topLeft->setCoords(std::min(at, outside), 0.0);
        items.tail->bottomRight->setCoords(std::max(at, outside), 1.0);
        items.line->setVisible(shown);
        items.tail->setVisible(shown);
        items.grip->setVisible(shown && grip);
    };
    place(m_min, m_bounds.range.min, -far, m_bounds.shown && m_bounds.range.min < 0.0,
          m_bounds.movable && m_bounds.lowerMovable);
    place(m_max, m_bounds.range.max, far, m_bounds.shown, m_bounds.movable);
}

std::optional<RangeHandles::Handle> RangeHandles::at(QPoint position) const
{
    if (!m_bounds.movable || !m_rect->rect().contains(position)) {
        return std::nullopt;
    }
    const QCPAxis* const x = m_rect->axis(QCPAxis::atBottom);
    const double toMin = std::abs(x->coordToPixel(m_bounds.range.min) - position.x());
    const double toMax = std::abs(x->coordToPixel(m_bounds.range.max) - position.x());
    if (m_bounds.lowerMovable && toMin <= kGrabPixels && toMin < toMax) {
        return Handle::Min;
    }
    return toMax <= kGrabPixels ? std::optional(Handle::Max) : std::nullopt;
}

core::Range RangeHandles::moved(Handle handle, double to) const
{
    core::Range range = m_bounds.range;
    const double least = 1e-3 * m_bounds.span; // a thousandth of what is shown
    if (handle == Handle::Min) {
        range.min = std::min(to, -least);
    } else {
        range.max = std::max(to, least);
    }
    if (m_bounds.mirrored) {
        const double threshold = handle == Handle::Min ? -range.min : range.max;
        range = {-threshold, threshold};
    }
    return range;
}

core::Range RangeHandles::movedToPixel(Handle handle, int x) const
{
    return moved(handle, m_rect->axis(QCPAxis::atBottom)->pixelToCoord(x));
}

QPoint RangeHandles::positionOf(Handle handle) const
{
    const double value = handle == Handle::Min ? m_bounds.range.min : m_bounds.range.max;
    const double x = m_rect->axis(QCPAxis::atBottom)->coordToPixel(value);
    return {static_cast<int>(std::lround(x)), m_rect->rect().center().y()};
}

} // namespace views
