// MXNet's entropy calibration: its final search (1.6 and later) and the one it began with (pull request
// 9552, 1.2). Both look at 8001 bins over ±max|x|, exact zeros included: a spike at zero pulls the threshold
// in.
#include "core/calibration/definitions.h"
#include "core/calibration/entropy_search.h"
#include "core/calibration/mxnet_histogram.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

EntropyChoice search(const TensorStatistics& statistics, int levels, EntropyForm form)
{
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    return searchEntropy(rebinned(statistics, {-magnitude, magnitude}, MxnetHistogram::kBins), levels, form);
}

} // namespace

CalibrationMethodDefinition entropyMxnetDefinition()
{
    return {
        .name = "entropy:mxnet",
        .title = "Entropy (MXNet)",
        .help = "MXNet's final search: 8001 bins over ±max|x|, 255 levels, 511 for non-negative data; zeros "
                "count",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) -> Range {
            if (statistics.histogram.isEmpty()) {
                return {};
            }
            const int levels = (1 << std::min(target.bits, 8)) - 1;
            const bool oneSided = statistics.total.min >= 0.0f;
            const double threshold =
                search(statistics, oneSided ? 2 * levels + 1 : levels, EntropyForm::Mxnet).range.max;
            return {oneSided ? 0.0 : -threshold, threshold};
        }};
}

CalibrationMethodDefinition entropyMxnetPr9552Definition()
{
    return {
        .name = "entropy:mxnet-pr9552",
        .title = "Entropy (MXNet 1.2)",
        .help =
            "MXNet's first search: 8001 bins, 255 levels, always symmetric; the last bin of a window is lost",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) -> Range {
            if (statistics.histogram.isEmpty()) {
                return {};
            }
            const int levels = (1 << std::min(target.bits, 8)) - 1;
            const double threshold = search(statistics, levels, EntropyForm::MxnetPr9552).range.max;
            return {-threshold, threshold};
        }};
}

} // namespace core
