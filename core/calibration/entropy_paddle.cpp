// PaddlePaddle INT8v2: the KL search of mkldnn_quantizer (2019 to 2022), whose faults leave it without a
// choice for almost any real tensor. Paddle has since replaced it by the maximum (max-ch).
#include "core/calibration/definitions.h"
#include "core/calibration/paddle_search.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

double magnitudeOf(const TensorStatistics& statistics)
{
    return std::max(std::abs(static_cast<double>(statistics.total.min)),
                    std::abs(static_cast<double>(statistics.total.max)));
}

} // namespace

CalibrationMethodDefinition entropyPaddleDefinition()
{
    return {.name = "entropy:paddle",
            .title = "Entropy (Paddle)",
            .help = "Paddle's KL with its defect: an empty bin makes a candidate NaN, so it ends where it "
                    "starts, 0.7·max "
                    "or beyond max|x|",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) -> Range {
                constexpr int kBins = 2048;
                const bool isPositive = statistics.total.min >= 0.0f;
                const double magnitude = magnitudeOf(statistics);
                const Range over = isPositive ? Range{statistics.total.min, statistics.total.max}
                                              : Range{-magnitude, magnitude};
                const FixedHistogram histogram = rebinned(statistics, over, kBins);
                if (histogram.width == 0.0) {
                    return dataRange(statistics);
                }
                const double threshold =
                    searchPaddle(histogram, isPositive, statistics.total.min, statistics.total.max).threshold;
                return {isPositive ? 0.0 : -threshold, threshold};
            }};
}

} // namespace core
