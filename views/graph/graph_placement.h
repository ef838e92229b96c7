#pragma once

#include "views/graph/graph_boxes.h"

#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <vector>

namespace views {

/// Where boxes stand and how edges run, in units of the scene (pixels at scale 1).
struct GraphPlacement
{
    std::vector<QRectF> boxes; ///< by index of box
    std::vector<QPainterPath> edges; ///< by index of edge
    [[nodiscard]] QRectF bounds() const;
};

inline constexpr double kLineHeight = 17.0; ///< of an ONNX node inside its box

[[nodiscard]] QSizeF sizeOf(const GraphBox& box); ///< taller when it shows its ONNX nodes

/// The first picture, in linear time: one row per depth, within a row ordered by the mean lane of what it
/// reads.
[[nodiscard]] GraphPlacement placeBoxes(const GraphBoxes& picture);

} // namespace views
