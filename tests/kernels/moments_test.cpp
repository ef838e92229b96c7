#include "kernels/statistics/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace {

using kernels::LaneMoments;

std::vector<float> randomValues(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& v : values) {
        v = normal(generator);
        v = v > 1.0f ? 0.0f : v;
    }
    return values;
}

void expectEqual(const LaneMoments& a, const LaneMoments& b)
{
    EXPECT_EQ(a.min, b.min);
    EXPECT_EQ(a.max, b.max);
    EXPECT_EQ(a.sum, b.sum);
    EXPECT_EQ(a.sumOfSquares, b.sumOfSquares);
    EXPECT_EQ(a.zeros, b.zeros);
}

TEST(Moments, EqualTheReferenceBitForBitAroundEveryVectorWidth)
{
    for (const std::size_t lanes : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1001}) {
        for (const std::size_t count : {lanes * 40, lanes * 13 + lanes / 2, lanes / 2, std::size_t{0}}) {
            const auto values = randomValues(count, 7);
            LaneMoments fast(lanes);
            LaneMoments reference(lanes);
            kernels::addMoments(values, fast);
            kernels::addMomentsReference(values, reference);
            SCOPED_TRACE(testing::Message() << lanes << " lanes, " << count << " values");
            expectEqual(fast, reference);
        }
    }
}

TEST(Moments, AddInSeveralCallsWhatTheyAddInOne)
{
    const std::size_t lanes = 48;
    const auto values = randomValues(lanes * 300, 3);
    LaneMoments whole(lanes);
    kernels::addMoments(values, whole);
    LaneMoments parts(lanes);
    kernels::addMoments(std::span(values).first(lanes * 101), parts);
    kernels::addMoments(std::span(values).subspan(lanes * 101), parts);
    expectEqual(whole, parts);
}

TEST(Moments, SquaresOfHugeAndTinyFloatsStayFinite)
{
    const std::vector<float> values{3e38f, -3e38f, 1e-30f, 2e-38f};
    LaneMoments m(1);
    kernels::addMoments(values, m);
    EXPECT_DOUBLE_EQ(m.sumOfSquares[0], 2.0 * std::pow(static_cast<double>(3e38f), 2));
    LaneMoments tiny(1);
    kernels::addMoments(std::span(values).subspan(2, 1), tiny);
    EXPECT_DOUBLE_EQ(tiny.sumOfSquares[0], std::pow(static_cast<double>(1e-30f), 2));
}

TEST(Moments, OneNaNOrInfinityShowsInTheSquaresOfItsLaneOnly)
{
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
        auto values = randomValues(64 * 20, 5);
        values[64 * 11 + 23] = bad;
        LaneMoments m(64);
        kernels::addMoments(values, m);
        for (std::size_t lane = 0; lane < 64; ++lane) {
            EXPECT_EQ(std::isfinite(m.sumOfSquares[lane]), lane != 23);
        }
    }
}

TEST(Moments, BothZerosCount)
{
    LaneMoments m(1);
    kernels::addMoments(std::vector<float>{0.0f, -0.0f, 1.0f}, m);
    EXPECT_EQ(m.zeros[0], 2);
}

} // namespace
