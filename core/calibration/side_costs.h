#pragma once

#include "core/calibration/bin_values.h"

#include <span>
#include <vector>

namespace core {

/// Prefix sums over the bins on one side of zero, by distance: enough to quantize them all in O(levels).
class Side
{
public:
    enum class Which
    {
        Below,
        Above,
        Both
    }; ///< Both folds the negative side onto the positive one

    Side(std::span<const BinValue> values, Which which);

    [[nodiscard]] int bins() const
    {
        return static_cast<int>(m_prefix.size()) - 1;
    } ///< up to the farthest occupied one

    /// costs[m] = Σ (|x| − Q(|x|))² with the levels 0, step, …, m·step; `step` in real units, m = 0 …
    /// costs.size() − 1.
    void costs(double step, double binWidth, std::span<double> costs) const;
    /// Only the last of them.
    [[nodiscard]] double cost(double step, double binWidth, int levels) const;
    /// Σ (|x| − limit)² of what lies beyond a limit given in bins.
    [[nodiscard]] double clipCost(int limit, double binWidth) const;
    /// Number of values within the first `limit` bins.
    [[nodiscard]] double countWithin(int limit) const;

private:
    struct Sums
    {
        double count = 0.0;
        double sum = 0.0;
        double squares = 0.0;
    };
    [[nodiscard]] double error(const Sums& from, const Sums& to, double level) const;
    [[nodiscard]] int binsBelow(double boundary) const;

    std::vector<Sums> m_prefix; ///< [i]: over the i bins nearest to zero
};

} // namespace core
