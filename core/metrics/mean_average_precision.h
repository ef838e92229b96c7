#pragma once

#include "core/metrics/boxes.h"

namespace core {

struct MapOptions
{
    BoxDecoding decoding;
    double truthScore =
        0.5; ///< boxes of FP32 with at least this score are the truth where there are no labels
    double pictureWidth = 640.0; ///< pixels in which areas are measured
    double pictureHeight = 640.0;
};

/// Average precision as COCO's evaluation computes it (pycocotools, COCOeval): per class and overlap
/// .50 : .05 : .95, detections matched best first to the free label that overlaps most, precision made
/// monotone and read at 101 recalls, mean over classes and overlaps, in percent. At most 100 boxes of a class
/// and sample. Crowds are ignored. Parts: AP at .50 and .75, of small (< 32² pixels), medium (32² … 96²) and
/// large objects, of each class, and the share of true boxes that are found at overlap .5 with a score of
/// at least MapOptions::truthScore ("kept boxes"). Areas are those of boxes.
[[nodiscard]] MetricPtr makeMeanAveragePrecision(const MapOptions& options);

} // namespace core
