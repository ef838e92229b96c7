#include "kernels/codes/fake_quantize.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <vector>

namespace {

using Floats = std::vector<float>;

struct Result
{
    Floats y;
    std::vector<std::uint64_t> mask;
};

Result forward(const Floats& x, const kernels::FakeQuantizeParams& params)
{
    Result result{Floats(x.size()),
                  std::vector<std::uint64_t>(kernels::maskWords(x.size()), ~std::uint64_t{0})};
    kernels::fakeQuantize(x, params, result.y, result.mask);
    return result;
}

bool bit(const std::vector<std::uint64_t>& mask, std::size_t i)
{
    return (mask[i / 64] >> (i % 64) & 1u) != 0;
}

// Reference, section 5: x = 0.5, scale 1, zero point 1 gives code 1, because the zero point is added after
// rounding.
TEST(FakeQuantize, AddsTheZeroPointAfterRounding)
{
    const std::array scale{1.0f};
    const std::array<std::int32_t, 1> zeroPoint{1};
    const auto result = forward({0.5f, 1.5f}, {scale, zeroPoint, 0, 255, {}});
    EXPECT_EQ(result.y, (Floats{0.0f, 2.0f})); // codes 1 and 3
}

TEST(FakeQuantize, MaskIsInclusiveAtBothEnds)
{
    const std::array scale{0.5f};
    const std::array<std::int32_t, 1> zeroPoint{2};
    // Codes 0…7, reals −1…2.5; beyond by less than half a step still rounds inside.
    const auto result = forward({-1.2f, -1.3f, 2.5f, 2.74f, 2.76f, std::numeric_limits<float>::quiet_NaN()},
                                {scale, zeroPoint, 0, 7, {}});
    EXPECT_EQ((Floats(result.y.begin(), result.y.end())), (Floats{-1.0f, -1.0f, 2.5f, 2.5f, 2.5f, 0.0f}));
    EXPECT_EQ(result.mask[0], 0b001101u);
}

TEST(FakeQuantize, NeedsNoMaskWhereNoGradientIsAskedFor)
{
    const std::array scale{0.5f};
    const std::array<std::int32_t, 1> zeroPoint{2};
    Floats y(3);
    kernels::fakeQuantize(Floats{-1.3f, 0.3f, 9.0f}, {scale, zeroPoint, 0, 7, {}}, y, {});
    EXPECT_EQ(y, (Floats{-1.0f, 0.5f, 2.5f})); // codes 0, 3 and 7
}

TEST(FakeQuantize, GradientPassesWhereNothingWasClipped)
{
    std::mt19937 generator(3);
    std::normal_distribution<float> normal(0.0f, 1.0f);
    for (const std::size_t count : {1u, 63u, 64u, 65u, 130u}) {
        Floats x(count);
        Floats gradient(count);
        for (std::size_t i = 0; i < count; ++i) {
            x[i] = normal(generator);
            gradient[i] = normal(generator);
        }
        const std::array scale{0.01f};
        const std::array<std::int32_t, 1> zeroPoint{128};
        const auto result = forward(x, {scale, zeroPoint, 0, 255, {}});
        Floats back(count);
        kernels::fakeQuantizeBackward(gradient, result.mask, back);
        for (std::size_t i = 0; i < count; ++i) {
            const float code = 128.0f + std::nearbyint(x[i] * (1.0f / 0.01f));
            const bool inside = code >= 0.0f && code <= 255.0f;
            EXPECT_EQ(bit(result.mask, i), inside);
            EXPECT_EQ(back[i], inside ? gradient[i] : 0.0f);
        }
    }
}

TEST(FakeQuantize, PerChannelEqualsPerTensorChannelByChannel)
{
    Floats x;
    for (int i = 0; i < 3 * 50; ++i) {
        x.push_back(static_cast<float>(i % 50) * 0.05f - 1.0f);
    }
    const std::array scale{0.01f, 0.02f, 0.005f};
    const std::array<std::int32_t, 3> zeroPoint{100, 0, 7};
    const auto all = forward(x, {scale, zeroPoint, 0, 255, {3, 50}});
    for (std::size_t c = 0; c < 3; ++c) {
        const Floats part(x.begin() + static_cast<std::ptrdiff_t>(50 * c),
                          x.begin() + static_cast<std::ptrdiff_t>(50 * c + 50));
        const auto one =
            forward(part, {std::span(scale).subspan(c, 1), std::span(zeroPoint).subspan(c, 1), 0, 255, {}});
        for (std::size_t i = 0; i < 50; ++i) {
            EXPECT_EQ(all.y[50 * c + i], one.y[i]);
            EXPECT_EQ(bit(all.mask, 50 * c + i), bit(one.mask, i));
        }
    }
    // Channels last: the same values, strided.
    Floats strided(150);
    for (std::size_t i = 0; i < 150; ++i) {
        strided[i % 50 * 3 + i / 50] = x[i];
    }
    const auto last = forward(strided, {scale, zeroPoint, 0, 255, {3, 1}});
    for (std::size_t i = 0; i < 150; ++i) {
        EXPECT_EQ(last.y[i % 50 * 3 + i / 50], all.y[i]);
    }
}

// Hand-worked: scale 0.5, zero point 2, codes 0…7. Inside (x = 0.6, ŷ = 0.5): dScale = dY·(0.5 − 0.6)/0.5;
// below (x = −3): dY·(0 − 2), zero point −dY·0.5; above (x = 9): dY·(7 − 2), zero point −dY·0.5.
TEST(FakeQuantize, LearnsScaleAndZeroPoint)
{
    const Floats x{0.6f, -3.0f, 9.0f};
    const Floats gradient{1.0f, 2.0f, 3.0f};
    const std::array scale{0.5f};
    const std::array<std::int32_t, 1> zeroPoint{2};
    std::array<double, 1> dScale{};
    std::array<double, 1> dZeroPoint{};
    kernels::fakeQuantizeLearnable(x, gradient, {scale, zeroPoint, 0, 7, {}}, 0.5f, dScale, dZeroPoint);
    EXPECT_NEAR(dScale[0], 0.5 * (-0.2 + 2.0 * -2.0 + 3.0 * 5.0), 1e-6);
    EXPECT_NEAR(dZeroPoint[0], 0.5 * (-2.0 * 0.5 - 3.0 * 0.5), 1e-12);
}

} // namespace
