// With 0 a level, the two sides of zero do not touch each other once the step is fixed. For each step (a
// range of a whole number of bins) prefix sums give the cost of each side for every number of levels in
// O(levels); the best split of the levels between the sides is the zero point. So all (min, max) pairs of the
// grid are covered in O(bins·levels) instead of O(bins²·levels).
#include "core/calibration/grid_search.h"

#include "core/calibration/definitions.h"
#include "core/calibration/grid_refinement.h"
#include "core/calibration/side_costs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

namespace {

/// Above this many bits the steps are finer than the bins: rounding is taken as uniform noise.
constexpr int kMostBitsOnGrid = 10;

/// Mean error of a value that lies anywhere within a step.
double noise(double step, Norm norm) { return norm == Norm::L2 ? step * step / 12.0 : step / 4.0; }

struct Candidate
{
    double cost = std::numeric_limits<double>::infinity();
    Range range;
    double step = 0.0;
};

/// The cheapest candidates so far, cheapest first; among equals the earlier one.
class Shortlist
{
public:
    void offer(const Candidate& candidate)
    {
        if (candidate.cost >= m_candidates.back().cost) {
            return;
        }
        const auto place = std::ranges::upper_bound(m_candidates, candidate.cost, {}, &Candidate::cost);
        std::move_backward(place, m_candidates.end() - 1, m_candidates.end());
        *place = candidate;
    }
    [[nodiscard]] double bestCost() const { return m_candidates.front().cost; }
    [[nodiscard]] const auto& candidates() const { return m_candidates; }

private:
    std::array<Candidate, 12> m_candidates;
};

/// Between the steps of the best ranges of whole bins the cost has minima of its own: sixteen more steps to a
/// bin there. `offerStep` offers the best range of a step.
template <typename OfferStep>
void searchBetween(Shortlist& best, double stepOfBin, OfferStep offerStep)
{
    constexpr int kParts = 16;
    const auto coarse = best.candidates();
    for (const Candidate& candidate : coarse) {
        for (int part = -kParts / 2; part <= kParts / 2; ++part) {
            const double step = candidate.step + part * stepOfBin / kParts;
            if (part != 0 && !std::isinf(candidate.cost) && step > 0.0) {
                offerStep(step);
            }
        }
    }
}

Shortlist searchSymmetric(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side side(values, Side::Which::Both, norm);
    const int levels = (1 << (bits - 1)) - 1;
    Shortlist best;
    const auto offerStep = [&](double step) {
        best.offer({side.cost(step, width, levels), {-levels * step, levels * step}, step});
    };
    // From wide to narrow. Clipping alone grows on the way: once it costs more than the best, the search is
    // over.
    for (int j = side.bins(); j > 0 && side.clipCost(j, width) < best.bestCost(); --j) {
        const double step = j * width / levels;
        if (bits <= kMostBitsOnGrid) {
            offerStep(step);
        } else {
            const double cost = side.clipCost(j, width) + side.countWithin(j) * noise(step, norm);
            best.offer({cost, {-j * width, j * width}, step});
        }
    }
    if (norm == Norm::L2 && bits <= kMostBitsOnGrid) {
        searchBetween(best, width / levels, offerStep);
    }
    return best;
}

Shortlist searchAsymmetric(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side below(values, Side::Which::Below, norm);
    const Side above(values, Side::Which::Above, norm);
    const int levels = (1 << bits) - 1;
    std::vector<double> down(static_cast<std::size_t>(levels) + 1);
    std::vector<double> up(down.size());
    Shortlist best;
    const auto offerStep = [&](double step) {
        below.costs(step, width, down);
        above.costs(step, width, up);
        Candidate ofStep;
        for (int zeroPoint = 0; zeroPoint <= levels; ++zeroPoint) {
            const double cost =
                down[static_cast<std::size_t>(zeroPoint)] + up[static_cast<std::size_t>(levels - zeroPoint)];
            if (cost < ofStep.cost) {
                ofStep = {cost, {-zeroPoint * step, (levels - zeroPoint) * step}, step};
            }
        }
        best.offer(ofStep);
    };
    for (int j = below.bins() + above.bins(); j > 0; --j) {
        if (below.clipCost(j, width) + above.clipCost(j, width) >= best.bestCost()) {
            break;
        }
        offerStep(j * width / levels);
    }
    if (norm == Norm::L2) {
        searchBetween(best, width / levels, offerStep);
    }
    return best;
}

Shortlist searchAsymmetricFine(std::span<const BinValue> values, double width, int bits, Norm norm)
{
    const Side below(values, Side::Which::Below, norm);
    const Side above(values, Side::Which::Above, norm);
    const int levels = (1 << bits) - 1;
    Shortlist best;
    for (int j = below.bins() + above.bins(); j > 0; --j) {
        if (below.clipCost(j, width) + above.clipCost(j, width) >= best.bestCost()) {
            break;
        }
        const double step = j * width / levels;
        for (int lo = std::max(0, j - above.bins()); lo <= std::min(j, below.bins()); ++lo) {
            const double cost = below.clipCost(lo, width) + above.clipCost(j - lo, width)
                + (below.countWithin(lo) + above.countWithin(j - lo)) * noise(step, norm);
            best.offer({cost, {-lo * width, (j - lo) * width}, step});
        }
    }
    return best;
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
    const Shortlist best = target.scheme == Scheme::Symmetric
        ? searchSymmetric(values, width, target.bits, norm)
        : target.bits <= kMostBitsOnGrid ? searchAsymmetric(values, width, target.bits, norm)
                                         : searchAsymmetricFine(values, width, target.bits, norm);
    // The true extremes are not on the grid; they win ties, since clipping for nothing is never wanted.
    Candidate chosen{binnedError(values, whole, target, norm), whole, 0.0};
    for (const Candidate& candidate : best.candidates()) {
        if (std::isinf(candidate.cost)) {
            break;
        }
        Candidate off{binnedError(values, candidate.range, target, norm), candidate.range, candidate.step};
        if (norm == Norm::L2) {
            off.range = withRefinedStep(values, candidate.range, target);
            off.cost = binnedError(values, off.range, target, norm);
        }
        if (off.cost < chosen.cost) {
            chosen = off;
        }
    }
    if (whole.min == 0.0 || whole.max == 0.0) { // a symmetric window of one-sided data
        return {whole.min == 0.0 ? 0.0 : chosen.range.min, whole.max == 0.0 ? 0.0 : chosen.range.max};
    }
    return chosen.range;
}

} // namespace core
