#pragma once

#include "core/metrics/metric.h"

namespace core {

enum class BoxForm : std::uint8_t
{
    Corners, ///< left, top, right, bottom ("xyxy")
    Centre, ///< centre x, centre y, width, height ("cxcywh")
    CornerSize ///< left, top, width, height ("xywh")
};

enum class BoxLayout : std::uint8_t
{
    Apart, ///< boxes [N,K,4]; scores [N,K,C] or [N,K]; with `hasClasses` also classes [N,K]
    Rows, ///< one tensor [N,K,4+C], or [N,K,5+C] with objectness
    Columns ///< the same the other way round: [N,4+C,K]
};

enum class ScoreForm : std::uint8_t
{
    AsIs,
    Sigmoid,
    Softmax
};

/// How a detector writes its boxes. N is 1.
struct BoxDecoding
{
    BoxLayout layout = BoxLayout::Apart;
    BoxForm form = BoxForm::Corners;
    ScoreForm score = ScoreForm::AsIs;
    bool hasObjectness = false; ///< before the classes; a score is objectness × class
    bool hasClasses = false; ///< a third output holds the class of each box
    std::optional<std::int64_t> background; ///< the class that is none
    double width = 1.0; ///< what right edge and bottom are in the output's numbers: 1 when normalized
    double height = 1.0;
    double leastScore = 0.05;
    std::optional<double> nms; ///< boxes of a class that overlap a better one by more are left out
    std::size_t most = 100; ///< per sample, best first
};

/// Best score first, ties in the order of the output. Throws core::Error(ShapeMismatch) naming the shapes.
[[nodiscard]] std::vector<Box> decodeBoxes(const std::vector<Tensor>& outputs, const BoxDecoding& decoding);

/// Intersection over union of two boxes; with `isCrowd` intersection over `a` alone, as COCO has it.
[[nodiscard]] double overlapOf(const Box& a, const Box& b, bool isCrowd = false);

/// Greedy non-maximum suppression within each class. `boxes` best first.
[[nodiscard]] std::vector<Box> suppressed(const std::vector<Box>& boxes, double threshold);

} // namespace core
