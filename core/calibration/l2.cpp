// L2 (min-MSE): the range whose quantizer has the smallest expected Σ (y − Q(y))² on the histogram grid. The
// idea is DNNLOWP's L2_MIN_QUANTIZATION; the search here is exact for the real quantizer, in which 0 is
// always a level.
//
// With 0 a level, the two sides of zero do not touch each other once the step is fixed. For each step (a
// range of a whole number of bins) prefix sums give the cost of each side for every number of levels in
// O(levels); the best split of the levels between the sides is the zero point. So all (min, max) pairs of the
// grid are covered in O(bins·levels) instead of O(bins²·levels).
#include "core/calibration/definitions.h"
#include "core/calibration/side_costs.h"

#include <algorithm>
#include <limits>

namespace core {

namespace {

/// Above this many bits the steps are finer than the bins: rounding is taken as uniform noise, step²/12 per
/// value.
constexpr int kMostBitsOnGrid = 10;

struct Best
{
    double cost = std::numeric_limits<double>::infinity();
    Range range;
};

Best searchSymmetric(std::span<const BinValue> values, double width, int bits)
{
    const Side side(values, Side::Which::Both);
    const int levels = (1 << (bits - 1)) - 1;
    Best best;
    // From wide to narrow. Clipping alone grows on the way: once it costs more than the best, the search is
    // over.
    for (int j = side.bins(); j > 0 && side.clipCost(j, width) < best.cost; --j) {
        const double step = j * width / levels;
        const double cost = bits <= kMostBitsOnGrid
            ? side.cost(step, width, levels)
            : side.clipCost(j, width) + side.countWithin(j) * step * step / 12.0;
        if (cost < best.cost) {
            best = {cost, {-j * width, j * width}};
        }
    }
    return best;
}

Best searchAsymmetric(std::span<const BinValue> values, double width, int bits)
{
    const Side below(values, Side::Which::Below);
    const Side above(values, Side::Which::Above);
    const int levels = (1 << bits) - 1;
    std::vector<double> down(static_cast<std::size_t>(levels) + 1);
    std::vector<double> up(down.size());
    Best best;
    for (int j = below.bins() + above.bins(); j > 0; --j) {
        if (below.clipCost(j, width) + above.clipCost(j, width) >= best.cost) {
            break;
        }
        const double step = j * width / levels;
        below.costs(step, width, down);
        above.costs(step, width, up);
        for (int zeroPoint = 0; zeroPoint <= levels; ++zeroPoint) {
            const double cost =
                down[static_cast<std::size_t>(zeroPoint)] + up[static_cast<std::size_t>(levels - zeroPoint)];
            if (cost < best.cost) {
                best = {cost, {-zeroPoint * step, (levels - zeroPoint) * step}};
            }
        }
    }
    return best;
}

Best searchAsymmetricFine(std::span<const BinValue> values, double width, int bits)
{
    const Side below(values, Side::Which::Below);
    const Side above(values, Side::Which::Above);
    const int levels = (1 << bits) - 1;
    Best best;
    for (int j = below.bins() + above.bins(); j > 0; --j) {
        if (below.clipCost(j, width) + above.clipCost(j, width) >= best.cost) {
            break;
        }
        const double step = j * width / levels;
        for (int lo = std::max(0, j - above.bins()); lo <= std::min(j, below.bins()); ++lo) {
            const double cost = below.clipCost(lo, width) + above.clipCost(j - lo, width)
                + (below.countWithin(lo) + above.countWithin(j - lo)) * step * step / 12.0;
            if (cost < best.cost) {
                best = {cost, {-lo * width, (j - lo) * width}};
            }
        }
    }
    return best;
}

Range choose(const TensorStatistics& statistics, const CalibrationTarget& target, double)
{
    const Range whole = dataRange(statistics);
    const std::vector<BinValue> values = binValues(statistics);
    if (values.empty()) {
        return whole;
    }
    const double width = statistics.histogram.binWidth();
    const Best best = target.scheme == Scheme::Symmetric ? searchSymmetric(values, width, target.bits)
        : target.bits <= kMostBitsOnGrid                 ? searchAsymmetric(values, width, target.bits)
                                                         : searchAsymmetricFine(values, width, target.bits);
    // The true extremes are not on the grid; they win ties, since clipping for nothing is never wanted.
    const auto costOf = [&](const Range& range) {
        return quantizationCost(statistics, chooseActivationParams(range, target.scheme, target.bits))
            .totalSquared();
    };
    return costOf(whole) <= costOf(best.range) ? whole : best.range;
}

} // namespace

CalibrationMethodDefinition l2Definition()
{
    return {
        .name = "l2",
        .title = "L2 (min-MSE)",
        .help =
            "smallest expected squared error of clipping and rounding together, exact on the histogram grid",
        .choose = choose};
}

} // namespace core
