#include "core/calibration/learn_range.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

core::Tensor laplace(std::size_t count, bool positive)
{
    std::mt19937 generator(8);
    std::exponential_distribution<float> exponential(1.0f);
    std::vector<float> values(count);
    for (float& x : values) {
        x = exponential(generator) * (positive || generator() % 2 ? 1.0f : -1.0f);
    }
    return core::makeTensor<float>({static_cast<std::int64_t>(count)}, std::span<const float>(values));
}

core::QuantizationParams minMax(const core::Tensor& tensor, int bits)
{
    const auto [low, high] = std::ranges::minmax(tensor.as<float>());
    return core::chooseActivationParams({low, high}, core::Scheme::Asymmetric, bits);
}

// The optimal clipping of a one-sided exponential at 4 bits, by dense search over the scale, is what the
// gradient finds.
TEST(LearnRange, FindsTheOptimumOfAOneSidedTensor)
{
    const core::Tensor y = laplace(20000, true);
    const auto start = minMax(y, 4);
    const auto learned = core::learnRange(std::span(&y, 1), start);
    EXPECT_LT(learned.after, 0.8 * learned.before);
    double least = 1e30;
    double signal = 0.0;
    for (const float x : y.as<float>()) {
        signal += static_cast<double>(x) * x;
    }
    for (double scale = 0.02; scale < 1.0; scale *= 1.01) {
        double error = 0.0;
        for (const float x : y.as<float>()) {
            const double d = x - scale * std::min(15.0, std::nearbyint(x / scale));
            error += d * d;
        }
        least = std::min(least, error);
    }
    EXPECT_NEAR(learned.after, std::sqrt(least / signal), 0.01 * learned.after);
    EXPECT_EQ(learned.range.min, 0.0);
}

TEST(LearnRange, MovesBothEndsAndNeverGetsWorse)
{
    const core::Tensor y = laplace(5000, false);
    for (const int bits : {2, 4, 8}) {
        const auto learned = core::learnRange(std::span(&y, 1), minMax(y, bits));
        EXPECT_LE(learned.after, learned.before);
        EXPECT_LT(learned.range.min, 0.0);
        EXPECT_GT(learned.range.max, 0.0);
    }
}

TEST(LearnRange, KeepsWhatIsExact)
{
    const std::vector<float> values{0.0f, 1.0f, 2.0f, 15.0f};
    const core::Tensor y = core::makeTensor<float>({4}, std::span<const float>(values));
    const auto learned = core::learnRange(std::span(&y, 1), minMax(y, 4));
    EXPECT_EQ(learned.after, 0.0);
    EXPECT_EQ(learned.step, 0);
    EXPECT_EQ(learned.range, (core::Range{0.0, 15.0}));
}

} // namespace
