#include "core/calibration/grid_refinement.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// A per-tensor quantizer whose levels count from zero.
struct Levels
{
    explicit Levels(const QuantizationParams& params)
        : step(params.scale[0])
        , lowest(params.codes.lowest - static_cast<double>(params.zeroPoint[0]))
        , highest(params.codes.highest - static_cast<double>(params.zeroPoint[0]))
    {
    }
    [[nodiscard]] double levelOf(double value) const
    {
        return std::clamp(std::nearbyint(value / step), lowest, highest);
    }

    double step;
    double lowest;
    double highest;
};

} // namespace

double binnedError(std::span<const BinValue> values, const Range& range, const CalibrationTarget& target,
                   Norm norm)
{
    const Levels levels(chooseActivationParams(range, target.scheme, target.bits));
    double sum = 0.0;
    for (const BinValue& bin : values) {
        const double error = bin.value - levels.step * levels.levelOf(bin.value);
        sum += bin.count * (norm == Norm::L2 ? error * error : std::abs(error));
    }
    return sum;
}

Range withRefinedStep(std::span<const BinValue> values, const Range& range, const CalibrationTarget& target)
{
    constexpr int kMostRounds = 8;
    Range best = range;
    double error = binnedError(values, best, target, Norm::L2);
    for (int round = 0; round < kMostRounds; ++round) {
        const Levels levels(chooseActivationParams(best, target.scheme, target.bits));
        double levelTimesValue = 0.0;
        double levelSquared = 0.0;
        for (const BinValue& bin : values) {
            const double level = levels.levelOf(bin.value);
            levelTimesValue += bin.count * level * bin.value;
            levelSquared += bin.count * level * level;
        }
        if (levelSquared == 0.0) {
            break;
        }
        const double step = levelTimesValue / levelSquared;
        const Range next{levels.lowest * step, levels.highest * step};
        const double nextError = binnedError(values, next, target, Norm::L2);
        if (nextError >= error) {
            break;
        }
        best = next;
        error = nextError;
    }
    return best;
}

} // namespace core
