#include "core/base/error.h"
#include "core/calibration/observed_range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace {

using core::FixedHistogram;
using core::observedRange;
using core::parseCalibrationMethod;
using core::Range;

/// Histogram A of the specification: 64 bins on [−3, 5], a parabola and a thin tail.
FixedHistogram histogramA()
{
    FixedHistogram h{-3.0, 8.0 / 64, std::vector<double>(64)};
    for (int i = 0; i < 64; ++i) {
        h.counts[static_cast<std::size_t>(i)] =
            std::max(0, 400 - 4 * (i - 24) * (i - 24)) + (i >= 48 ? 2 : 0);
    }
    return h;
}

TEST(ObservedRange, GoldenWindowsAtFourBits)
{
    const core::CalibrationTarget target{core::Scheme::Asymmetric, 4};
    const double width = 8.0 / 64;
    const auto window = [&](int start, int count) {
        return Range{-3.0 + start * width, -3.0 + (start + count) * width};
    };
    EXPECT_EQ(observedRange(histogramA(), parseCalibrationMethod("l2:dnnlowp"), target), window(15, 42));
    EXPECT_EQ(observedRange(histogramA(), parseCalibrationMethod("l1:dnnlowp"), target), window(16, 18));
    EXPECT_EQ(observedRange(histogramA(), parseCalibrationMethod("l2-approx"), target), window(15, 42));
    EXPECT_EQ(observedRange(histogramA(), parseCalibrationMethod("p99"), target),
              window(15, 36)); // (15, 49): j + 2
    EXPECT_EQ(observedRange(histogramA(), parseCalibrationMethod("minmax"), target), (Range{-3.0, 5.0}));
}

TEST(ObservedRange, RefusesMethodsThatNeedMore)
{
    EXPECT_THROW((void)observedRange(histogramA(), parseCalibrationMethod("entropy"), {}), core::Error);
}

TEST(ObservedCounts, LoseNoneToRounding)
{
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    std::vector<float> values(20000);
    std::ranges::generate(values, [&] { return normal(generator); });
    const auto counts = core::observedCounts(core::statisticsOf(values, {0, 1}), 77);
    EXPECT_EQ(counts.size(), 77u);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), values.size());
}

} // namespace
