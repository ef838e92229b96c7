#pragma once

#include "core/metrics/metric.h"

namespace core {

struct SegmentationOptions
{
    std::optional<std::size_t> classAxis; ///< of the output; none: it holds class numbers already
    std::int64_t ignored = 255; ///< a label that counts neither way
};

/// Intersection over union of each class over all pixels of all samples, averaged over the classes that occur
/// (Everingham et al., PASCAL VOC), in percent. Parts: IoU of each class. Truth: a mask of class numbers.
[[nodiscard]] MetricPtr makeMeanIou(const SegmentationOptions& options);

/// Percent of the pixels whose class is right.
[[nodiscard]] MetricPtr makePixelAccuracy(const SegmentationOptions& options);

} // namespace core
