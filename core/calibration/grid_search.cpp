// With 0 a level, the two sides of zero do not touch each other once the step is fixed. For each step (a
// range of a whole number of bins) prefix sums give the cost of each side for every number of levels in
// O(levels); the best split of the levels between the sides is the zero point. So all (min, max) pairs of the
// grid are covered in O(bins·levels) instead of O(bins²·levels).
#include "core/calibration/grid_search.h"

#include "core/calibration/definitions.h"
#include "core/calibration/side_costs.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

/// Above this many bits the steps are finer than the bins: rounding is taken as uniform noise.
constexpr int kMostBitsOnGrid = 10;

/// Mean error of a value that lies anywhere within a step.
double noise(double step, Norm norm) { return norm == Norm::L2 ? step * step / 12.0 : step / 4.0; }

struct Best
{
    double cost = std::numeric_limits<double>::infinity();
    Range range;
};

Best searchSymmetric(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side side(values, Side::Which::Both, norm);
    const int levels = (1 << (bits - 1)) - 1;
    Best best;
    // From wide to narrow. Clipping alone grows on the way: once it costs more than the best, the search is
    // over.
    for (int j = side.bins(); j > 0 && side.clipCost(j, width) < best.cost; --j) {
        const double step = j * width / levels;
        const double cost = bits <= kMostBitsOnGrid
            ? side.cost(step, width, levels)
            : side.clipCost(j, width) + side.countWithin(j) * noise(step, norm);
        if (cost < best.cost) {
            best = {cost, {-j * width, j * width}};
        }
    }
    return best;
}

Best searchAsymmetric(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side below(values, Side::Which::Below, norm);
    const Side above(values, Side::Which::Above, norm);
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

Best searchAsymmetricFine(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side below(values, Side::Which::Below, norm);
    const Side above(values, Side::Which::Above, norm);
    const int levels = (1 << bits) - 1;
    Best best;
    for (int j = below.bins() + above.bins(); j > 0; --j) {
        if (below.clipCost(j, width) + above.clipCost(j, width) >= best.cost) {
            break;
        }
        const double step = j * width / levels;
        for (int lo = std::max(0, j - above.bins()); lo <= std::min(j, below.bins()); ++lo) {
            const double cost = below.clipCost(lo, width) + above.clipCost(j - lo, width)
                + (below.countWithin(lo) + above.countWithin(j - lo)) * noise(step, norm);
            if (cost < best.cost) {
                best = {cost, {-lo * width, (j - lo) * width}};
            }
        }
    }
    return best;
}

/// Error of the occupied bins under the params that a range gives, as the session will choose them.
double costOf(std::span<const BinValue> values, const Range& range, const CalibrationTarget& target,
              Norm norm)
{
    const QuantizationParams params = chooseActivationParams(range, target.scheme, target.bits);
    const double scale = params.scale[0];
    const double lowest = params.codes.lowest - static_cast<double>(params.zeroPoint[0]);
    const double highest = params.codes.highest - static_cast<double>(params.zeroPoint[0]);
    double cost = 0.0;
    for (const BinValue& bin : values) {
        const double error =
            bin.value - scale * std::clamp(std::nearbyint(bin.value / scale), lowest, highest);
        cost += bin.count * (norm == Norm::L2 ? error * error : std::abs(error));
    }
    return cost;
}

} // namespace

Range bestRangeOnGrid(const TensorStatistics& statistics, const CalibrationTarget& target, Norm norm)
{
    const Range whole = dataRange(statistics);
    const std::vector<BinValue> values = binValues(statistics);
    if (values.empty()) {
        return whole;
    }
    const double width = statistics.histogram.binWidth();
    Best best = target.scheme == Scheme::Symmetric ? searchSymmetric(values, width, target.bits, norm)
        : target.bits <= kMostBitsOnGrid           ? searchAsymmetric(values, width, target.bits, norm)
                                                   : searchAsymmetricFine(values, width, target.bits, norm);
    if (whole.min == 0.0 || whole.max == 0.0) { // a symmetric window of one-sided data
        best.range = {whole.min == 0.0 ? 0.0 : best.range.min, whole.max == 0.0 ? 0.0 : best.range.max};
    }
    // The true extremes are not on the grid; they win ties, since clipping for nothing is never wanted.
    return costOf(values, whole, target, norm) <= costOf(values, best.range, target, norm) ? whole
                                                                                           : best.range;
}

} // namespace core
