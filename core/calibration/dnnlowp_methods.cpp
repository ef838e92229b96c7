// The calibration methods of Caffe2's quantization server (DNNLOWP) under its own name, faults included. They
// run on its histogram of 2^(bits + 3) bins over the range of the data, re-binned from ours.
#include "core/calibration/definitions.h"
#include "core/calibration/dnnlowp_search.h"

#include <algorithm>

namespace core {

namespace {

/// Upstream builds 2048 bins for 8 bits; more than that only costs time, fewer than 256 leave nothing to
/// search.
constexpr int kFewestBins = 256;
constexpr int kMostBins = 2048;
/// With more bits there would be more cells than bins, and nothing to gain from clipping.
constexpr int kMostBits = 10;

FixedHistogram histogramOf(const TensorStatistics& statistics, int bits)
{
    const int bins = std::clamp(1 << (bits + 3), kFewestBins, kMostBins);
    return rebinned(statistics, {statistics.total.min, statistics.total.max}, bins);
}

Range chooseNorm(const TensorStatistics& statistics, const CalibrationTarget& target, Norm norm)
{
    const FixedHistogram histogram = paddedToZero(histogramOf(statistics, target.bits));
    if (target.bits > kMostBits || dnnlowpKeepsAll(histogram, target.bits)) {
        return dataRange(statistics);
    }
    return rangeOf(histogram, searchDnnlowpNorm(histogram, target.bits, target.scheme, norm).window);
}

} // namespace

CalibrationMethodDefinition l1DnnlowpDefinition()
{
    return {.name = "l1:dnnlowp",
            .title = "L1 (DNNLOWP)",
            .help = "DNNLOWP's brute-force L1 search; its symmetric form can exclude the data of an "
                    "off-centre tensor",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                return chooseNorm(statistics, target, Norm::L1);
            }};
}

CalibrationMethodDefinition l2DnnlowpDefinition()
{
    return {.name = "l2:dnnlowp",
            .title = "L2 (DNNLOWP)",
            .help = "DNNLOWP's brute-force L2 search; its symmetric form can exclude the data of an "
                    "off-centre tensor",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                return chooseNorm(statistics, target, Norm::L2);
            }};
}

CalibrationMethodDefinition l2ApproxDefinition()
{
    return {.name = "l2-approx",
            .title = "L2 approximation (DNNLOWP)",
            .help =
                "DNNLOWP's greedy quantile shrink; the first cut is always taken, the first increase ends it",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                if (target.scheme == Scheme::Symmetric) { // as upstream does
                    return chooseNorm(statistics, target, Norm::L2);
                }
                const FixedHistogram histogram = paddedToZero(histogramOf(statistics, target.bits));
                if (target.bits > kMostBits || dnnlowpKeepsAll(histogram, target.bits)) {
                    return dataRange(statistics);
                }
                return rangeOf(histogram, searchDnnlowpApprox(histogram, target.bits).window);
            }};
}

CalibrationMethodDefinition p99Definition()
{
    return {
        .name = "p99",
        .title = "P99 (DNNLOWP)",
        .help =
            "keeps this share of the values, half of the rest cut on each side even where one side is empty",
        .parameter = 0.99,
        .lowest = 0.5,
        .highest = 1.0,
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double share) {
            const FixedHistogram histogram = paddedToZero(histogramOf(statistics, target.bits));
            if (histogram.width == 0.0) { // upstream throws
                return dataRange(statistics);
            }
            return rangeOf(histogram, searchDnnlowpP99(histogram, share));
        }};
}

CalibrationMethodDefinition entropyDnnlowpDefinition()
{
    return {.name = "entropy:dnnlowp",
            .title = "Entropy (DNNLOWP)",
            .help = "DNNLOWP's KL search (here on 256 bins): masses truncated, half a bin off; clips hard "
                    "where data is sparse",
            .choose = [](const TensorStatistics& statistics, const CalibrationTarget& target, double) {
                // The search is cubic, and asserts a range that contains 0.
                const FixedHistogram histogram = rebinned(statistics, dataRange(statistics), kFewestBins);
                if (histogram.width == 0.0) {
                    return dataRange(statistics);
                }
                return dnnlowpKlRange(histogram, searchDnnlowpKl(histogram, std::min(target.bits, 8)).window);
            }};
}

CalibrationMethodDefinition l2PytorchDefinition()
{
    return {
        .name = "l2:pytorch",
        .title = "L2 (PyTorch)",
        .help =
            "HistogramObserver's search: 2048 bins, 256 cells whatever the bits, stops at the first increase",
        .choose = [](const TensorStatistics& statistics, const CalibrationTarget&, double) {
            constexpr int kCells = 256;
            const FixedHistogram histogram =
                rebinned(statistics, {statistics.total.min, statistics.total.max}, kMostBins);
            if (histogram.width == 0.0) {
                return dataRange(statistics);
            }
            return rangeOf(histogram, searchQuantileShrink(histogram, kCells).window);
        }};
}

} // namespace core
