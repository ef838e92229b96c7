#include "kernels/statistics/error_metrics.h"

#include "kernels/codes/quantize.h"
#include "kernels/statistics/reference_error_metrics.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace {

using kernels::ChannelLayout;
using kernels::ElementType;
using kernels::ErrorSums;
using kernels::QuantizedFormat;

void expectClose(const ErrorSums& actual, const ErrorSums& expected)
{
    ASSERT_EQ(actual.squaredError.size(), expected.squaredError.size());
    for (std::size_t c = 0; c < actual.squaredError.size(); ++c) {
        // The error is a difference of FP32 numbers, so only good to some 1e-4 of itself.
        EXPECT_NEAR(actual.squaredError[c], expected.squaredError[c],
                    1e-4 * expected.squaredError[c] + 1e-12);
        EXPECT_NEAR(actual.squaredReference[c], expected.squaredReference[c],
                    2e-6 * expected.squaredReference[c]);
    }
    EXPECT_NEAR(actual.dotProduct, expected.dotProduct, 2e-6 * expected.squaredApproximation);
    EXPECT_NEAR(actual.squaredApproximation, expected.squaredApproximation,
                2e-6 * expected.squaredApproximation);
    EXPECT_NEAR(actual.maxAbsError, expected.maxAbsError, 1e-5 * expected.maxAbsError);
    EXPECT_EQ(actual.count, expected.count);
}

TEST(CompareErrors, EqualsItsReferenceTwin)
{
    // Channels either side of a vector, interleaved and in runs, with and without a rest.
    for (const ChannelLayout layout : {ChannelLayout{1, 1},
                                       {3, 1},
                                       {15, 1},
                                       {16, 1},
                                       {17, 1},
                                       {64, 1},
                                       {1000, 1},
                                       {1, 50},
                                       {7, 1},
                                       {5, 49},
                                       {3, 3000},
                                       {4, 2}}) {
        SCOPED_TRACE(testing::Message() << layout.channels << " channels, stride " << layout.stride);
        const auto count =
            static_cast<std::int64_t>(layout.channels * layout.stride * (layout.stride > 1 ? 2 : 41));
        const auto y = test::randomFloats(count, 1, -2.0f, 3.0f);
        for (const QuantizedFormat& format : {kernels::formatU8(0.02f, 100), kernels::formatS8(0.02f, -3),
                                              QuantizedFormat{ElementType::U16, 1e-4f, 20000, 0, 65535},
                                              QuantizedFormat{ElementType::S16, 1e-4f, 5, -32768, 32767}}) {
            std::vector<std::byte> codes(y.size() * sizeOf(format.type));
            kernels::quantizeLinear(y, format, codes);
            std::vector<float> near(y.size());
            kernels::dequantizeLinear(codes, format, near);
            const auto expected = kernels::compareReference(y, near, layout);
            expectClose(kernels::compare(y, near, layout), expected);
            expectClose(kernels::compare(y, codes, format, layout), expected);
        }
    }
}

TEST(CompareErrors, ChannelsOfZerosOfTinyAndOfHugeValuesStandBesideEachOther)
{
    for (const std::size_t channels : {16u, 24u, 960u}) {
        std::vector<float> y = test::randomFloats(static_cast<std::int64_t>(channels) * 41, 3, -1.0f, 1.0f);
        std::vector<float> near =
            test::randomFloats(static_cast<std::int64_t>(channels) * 41, 4, -1.0f, 1.0f);
        for (std::size_t i = 0; i < y.size(); ++i) {
            const std::size_t kind = i % channels % 5; // 0 and 1: as drawn
            y[i] = kind == 2 ? 0.0f : kind == 3 ? y[i] * 1e-21f : kind == 4 ? y[i] * 1e21f : y[i];
            near[i] = kind == 2 ? 0.0f : kind == 3 ? 0.0f : kind == 4 ? y[i] : near[i];
        }
        expectClose(kernels::compare(y, near, {channels, 1}),
                    kernels::compareReference(y, near, {channels, 1}));
    }
}

TEST(CompareErrors, LongSumsStayAccurate)
{
    // Ten million equal squares would stagnate in FP32.
    const std::vector<float> y(10'000'000, 0.1f);
    const std::vector<float> zero(y.size(), 0.0f);
    const auto sums = kernels::compare(y, zero, {});
    const double exact = 1e7 * static_cast<double>(0.1f) * static_cast<double>(0.1f);
    EXPECT_NEAR(sums.totalSquaredError(), exact, 2e-6 * exact);
    EXPECT_EQ(sums.maxAbsError, static_cast<double>(0.1f));
}

TEST(CompareErrors, NaNIsNotLost)
{
    auto y = test::randomFloats(100, 1);
    const auto near = y;
    y[41] = std::numeric_limits<float>::quiet_NaN();
    auto sums = kernels::compare(near, near, {});
    EXPECT_EQ(sums.maxAbsError, 0.0);
    sums.merge(kernels::compare(y, near, {}));
    EXPECT_TRUE(std::isnan(sums.maxAbsError));
    EXPECT_TRUE(std::isnan(sums.totalSquaredError()));
    EXPECT_EQ(sums.count, 200U);
}

TEST(SplitQuantization, EqualsItsReferenceTwin)
{
    for (const std::int64_t count : {1, 15, 16, 17, 5000}) {
        const auto y = test::randomFloats(count, 3, -2.0f, 9.0f);
        for (const auto& format : {kernels::formatU8(0.03f, 40), kernels::formatS8(0.03f)}) {
            const auto actual = kernels::splitQuantization(y, format);
            const auto expected = kernels::splitQuantizationReference(y, format);
            EXPECT_NEAR(actual.squaredClip, expected.squaredClip, 1e-4 * expected.squaredClip + 1e-9);
            EXPECT_NEAR(actual.squaredRound, expected.squaredRound, 1e-4 * expected.squaredRound + 1e-9);
            EXPECT_NEAR(actual.cross, expected.cross, 1e-4 * expected.squaredRound + 1e-6);
            EXPECT_EQ(actual.clipped, expected.clipped);
            EXPECT_EQ(actual.count, expected.count);
        }
    }
}

TEST(SplitQuantization, TheEndOfTheRangeIsNotClipped)
{
    // 255 steps of 5.31/255 fall 5e-7 short of 5.31 in FP32; the code does not saturate for that.
    const std::vector<float> y(16, 5.31f);
    EXPECT_EQ(kernels::splitQuantization(y, kernels::formatU8(5.31f / 255.0f)).clipped, 0U);
    EXPECT_EQ(kernels::splitQuantization(y, kernels::formatU8(5.20f / 255.0f)).clipped, 16U);
}

TEST(CountCodes, CountsEveryByte)
{
    const auto codes = test::randomCodes(1003, 1);
    const auto counts = kernels::countCodes(codes);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 1003U);
    for (std::size_t code = 0; code < 256; ++code) {
        ASSERT_EQ(
            counts[code],
            static_cast<std::uint64_t>(std::count(codes.begin(), codes.end(), static_cast<std::byte>(code))));
    }
}

} // namespace
