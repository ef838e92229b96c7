#pragma once

#include "core/calibration/bin_values.h"
#include "core/calibration/window_error.h"

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

    Side(std::span<const BinValue> values, Which which, Norm norm);

    [[nodiscard]] int bins() const
    {
        return static_cast<int>(m_prefix.size()) - 1;
    } ///< up to the farthest occupied one

    /// costs[m] = Σ (|x| − Q(|x|))², or Σ ||x| − Q(|x|)|, with the levels 0, step, …, m·step; `step` in real
    /// units, m = 0 … costs.size() − 1.
    void costs(double step, double binWidth, std::span<double> costs) const;
    /// Only the last of them.
    [[nodiscard]] double cost(double step, double binWidth, int levels) const;
    /// The same of what lies beyond a limit given in bins, clipped to it.
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
    /// Error of representing the bins [from, to) by one level.
    [[nodiscard]] double error(int from, int to, double level, double binWidth) const;
    [[nodiscard]] int binsBelow(double boundary) const;

    std::vector<Sums> m_prefix; ///< [i]: over the i bins nearest to zero
    Norm m_norm;
};

} // namespace core
