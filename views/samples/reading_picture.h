#pragma once

#include "core/session/sample_reading.h"

#include <QImage>
#include <QPalette>

#include <optional>
#include <vector>

namespace views {

/// Boxes of both pipelines: those of one class that overlap by at least a half are one, best overlap first.
struct BoxComparison
{
    std::vector<bool> isLost; ///< by box of FP32: int8 has none for it
    std::vector<bool> isNew; ///< by box of int8: FP32 has none for it
    std::optional<double> meanOverlap{}; ///< of those that both have; intersection over union
};
[[nodiscard]] BoxComparison compareBoxes(const std::vector<core::Box>& fp32,
                                         const std::vector<core::Box>& quantized);

/// The network's input as a picture: 1 or 3 channels, first or last, the lowest value black, the highest
/// white. Null where it is none.
[[nodiscard]] QImage inputPicture(const core::Tensor& input);

/// The input scaled to fit, with the boxes of both pipelines (lost and new ones dashed) or, where the masks
/// differ, the pixels that do. Null where the input is no picture.
[[nodiscard]] QImage readingPicture(const core::SampleReading& reading, QSize room, const QPalette& palette);

} // namespace views
