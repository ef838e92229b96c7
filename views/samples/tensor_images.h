#pragma once

#include "core/session/session.h"

#include <QImage>

namespace views {

/// One channel of one sample as pictures; the two feature maps share one scale.
struct TensorImages
{
    QImage fp32;
    QImage quantized;
    QImage difference; ///< quantized − fp32, zero in the middle
    QImage density; ///< log count of (fp32 across, quantized upward) over all channels
    double lowest = 0.0;
    double highest = 0.0;
    double largestDifference = 0.0;
    int channels = 0;
};

/// Shapes: N,C,H,W draws channel `channel` of item 0; anything else is laid out as one picture of near-square
/// shape.
[[nodiscard]] TensorImages tensorImages(const core::SampleTensors& tensors, int channel, bool dark);

} // namespace views
