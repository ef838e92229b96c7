// ONNX Runtime's entropy calibration with 2048 bins and 128 levels. Its defaults, 128 bins and 128 levels,
// leave a single candidate, the full range: entropy asked for, min-max given (see isDegenerateOrtEntropy).
#include "core/calibration/entropy_ort.h"
#include "core/calibration/definitions.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr int kBins = 2048;
constexpr int kLevels = 128;

} // namespace

bool isDegenerateOrtEntropy(int bins, int levels) { return bins / 2 - levels / 2 + 1 <= 1; }

EntropyChoice searchOrtEntropy(const TensorStatistics& statistics, int bins, int levels)
{
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    EntropyChoice choice =
        searchEntropy(rebinned(statistics, {-magnitude, magnitude}, bins), levels, EntropyForm::Ort);
    choice.range = {std::max(choice.range.min, static_cast<double>(statistics.total.min)),
                    std::min(choice.range.max, static_cast<double>(statistics.total.max))};
    return choice;
}

CalibrationMethodDefinition entropyOrtDefinition()
{
    return {.name = "entropy:ort",
            .title = "Entropy (ONNX Runtime)",
            .help = "ONNX Runtime's search with 2048 bins and 128 levels; its defaults (128, 128) would "
                    "search nothing",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) {
                return statistics.histogram.isEmpty() ? Range{}
                                                      : searchOrtEntropy(statistics, kBins, kLevels).range;
            }};
}

} // namespace core
