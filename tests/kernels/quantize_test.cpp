#include "kernels/codes/quantize.h"

#include "kernels/codes/reference_quantize.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using kernels::ElementType;
using kernels::QuantizedFormat;
using Codes = std::vector<std::int32_t>;

Codes quantized(std::vector<float> values, const QuantizedFormat& format)
{
    // Once at the start of a vector, once past its end.
    const auto count = values.size();
    values.resize(count + 32, 0.0f);
    std::copy_n(values.begin(), count, values.end() - static_cast<std::ptrdiff_t>(count));
    values.push_back(values[0]);
    std::vector<std::byte> bytes(values.size() * sizeOf(format.type));
    kernels::quantizeLinear(values, format, bytes);
    Codes codes;
    for (std::size_t i = 0; i < count; ++i) {
        codes.push_back(kernels::codeAt(bytes, format.type, i));
        EXPECT_EQ(kernels::codeAt(bytes, format.type, values.size() - 1 - count + i), codes.back());
    }
    EXPECT_EQ(kernels::codeAt(bytes, format.type, values.size() - 1), codes[0]);
    return codes;
}

TEST(QuantizeLinear, TiesRoundToEven)
{
    EXPECT_EQ(quantized({0.5f, 1.5f, 2.5f, -0.5f, -1.5f}, kernels::formatS8(1.0f)), (Codes{0, 2, 2, 0, -2}));
    // The zero point comes after rounding: an odd one must not turn ties.
    EXPECT_EQ(quantized({0.5f, 1.5f, 2.5f}, kernels::formatU8(1.0f, 1)), (Codes{1, 3, 3}));
}

TEST(QuantizeLinear, Saturates)
{
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(quantized({1e30f, -1e30f, kInfinity, -kInfinity, 300.0f}, kernels::formatU8(1.0f, 3)),
              (Codes{255, 0, 255, 0, 255}));
    EXPECT_EQ(quantized({200.0f, -200.0f}, {ElementType::S8, 1.0f, 0, -127, 127}), (Codes{127, -127}));
    EXPECT_EQ(quantized({1e6f, -1e6f}, {ElementType::U16, 1.0f, 7, 0, 4095}), (Codes{4095, 0}));
}

TEST(QuantizeLinear, ZeroIsExactAndNaNIsTheZeroPoint)
{
    EXPECT_EQ(
        quantized({0.0f, -0.0f, std::numeric_limits<float>::quiet_NaN()}, kernels::formatU8(0.37f, 114)),
        (Codes{114, 114, 114}));
}

TEST(QuantizeLinear, DividesInsteadOfMultiplying)
{
    // 4.5/3 is exactly the tie 1.5 → 2; times FP32's 1/3, a little larger than a third, ties go elsewhere.
    EXPECT_EQ(quantized({1.5f, 4.5f, 7.5f}, kernels::formatU8(3.0f)), (Codes{0, 2, 2}));
}

TEST(QuantizeLinear, EqualsItsTwinNextToEveryTie)
{
    // The middles between all codes, and the floats next to them: where a reciprocal would round elsewhere.
    const auto steps = test::randomFloats(300, 5, 1e-4f, 3.0f);
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const float step = k % 3 == 0 ? std::ldexp(steps[k], static_cast<int>(k) / 3 - 50) : steps[k];
        for (const auto& format :
             {kernels::formatU8(step, static_cast<int>(k % 256)), kernels::formatS8(step, -3)}) {
            std::vector<float> values;
            for (int code = -260; code <= 260; ++code) {
                float x = step * (static_cast<float>(code) + 0.5f);
                for (int down = 0; down < 3; ++down) {
                    x = std::nextafter(x, -std::numeric_limits<float>::infinity());
                }
                for (int i = 0; i < 7; ++i) {
                    values.push_back(x);
                    x = std::nextafter(x, std::numeric_limits<float>::infinity());
                }
            }
            std::vector<std::byte> actual(values.size());
            std::vector<std::byte> expected(values.size());
            kernels::quantizeLinear(values, format, actual);
            kernels::quantizeLinearReference(values, format, expected);
            ASSERT_EQ(actual, expected) << step;
        }
    }
}

TEST(QuantizeLinear, StepsBeyondOrdinaryNumbersDivide)
{
    for (const float step : {1e-37f, 1e-31f, 1e31f, 1e38f}) {
        auto values = test::randomFloats(200, 3, -3.0f, 3.0f);
        for (float& value : values) {
            value *= step;
        }
        values.push_back(std::numeric_limits<float>::infinity());
        values.push_back(std::numeric_limits<float>::quiet_NaN());
        values.resize(256, -step);
        const auto format = kernels::formatS8(step, 1);
        std::vector<std::byte> actual(values.size());
        std::vector<std::byte> expected(values.size());
        kernels::quantizeLinear(values, format, actual);
        kernels::quantizeLinearReference(values, format, expected);
        EXPECT_EQ(actual, expected) << step;
    }
}

TEST(QuantizeLinear, EqualsItsReferenceTwinAndComesBack)
{
    const auto values = test::randomFloats(1003, 1, -5.0f, 6.0f);
    for (const auto& format : {kernels::formatU8(0.041f, 121), kernels::formatS8(0.05f, -9),
                               QuantizedFormat{ElementType::S16, 0.001f, 2, -32768, 32767}}) {
        const auto bytes = values.size() * sizeOf(format.type);
        std::vector<std::byte> actual(bytes);
        std::vector<std::byte> expected(bytes);
        kernels::quantizeLinear(values, format, actual);
        kernels::quantizeLinearReference(values, format, expected);
        EXPECT_EQ(actual, expected);
        std::vector<float> back(values.size());
        std::vector<float> backExpected(values.size());
        kernels::dequantizeLinear(actual, format, back);
        kernels::dequantizeLinearReference(actual, format, backExpected);
        EXPECT_EQ(back, backExpected);
        std::vector<std::byte> again(bytes);
        kernels::requantize(actual, format, again, format);
        EXPECT_EQ(again, actual);
    }
}

TEST(QuantizePerChannel, OneChannelEqualsPerTensor)
{
    const auto values = test::randomFloats(100, 1);
    const auto format = kernels::formatS8(0.01f, 2);
    std::vector<std::byte> whole(100);
    std::vector<std::byte> channel(100);
    kernels::quantizeLinear(values, format, whole);
    const std::vector<float> scale{0.01f};
    const std::vector<std::int32_t> zeroPoint{2};
    for (const std::size_t stride : {1, 10, 100}) {
        kernels::quantizePerChannel(values, {1, stride}, scale, zeroPoint, format, channel);
        EXPECT_EQ(channel, whole);
    }
}

TEST(QuantizePerChannel, EachChannelHasItsScale)
{
    const std::vector<float> values{1, 1, 2, 2};
    const std::vector<float> scale{1.0f, 0.5f};
    std::vector<std::int8_t> rows(4);
    kernels::quantizePerChannel(values, {2, 2}, scale, {}, kernels::formatS8(1.0f),
                                std::as_writable_bytes(std::span(rows)));
    EXPECT_EQ(rows, (std::vector<std::int8_t>{1, 1, 4, 4}));
    std::vector<std::int8_t> columns(4);
    kernels::quantizePerChannel(values, {2, 1}, scale, {}, kernels::formatS8(1.0f),
                                std::as_writable_bytes(std::span(columns)));
    EXPECT_EQ(columns, (std::vector<std::int8_t>{1, 2, 2, 4}));
    std::vector<float> back(4);
    kernels::dequantizePerChannel(std::as_bytes(std::span(columns)), {2, 1}, scale, {}, ElementType::S8,
                                  back);
    EXPECT_EQ(back, values);
}

TEST(Requantize, EqualsTheTwinsWithAndWithoutATable)
{
    const auto src = kernels::formatU8(0.037f, 12);
    for (const auto& dst : {kernels::formatS8(0.05f, 4), kernels::formatU8(0.0185f, 0)}) {
        for (const std::int64_t count : {1, 17, 1023, 1024, 1025, 3001}) {
            const auto codes = test::randomCodes(count, 4);
            std::vector<std::byte> actual(codes.size());
            std::vector<std::byte> expected(codes.size());
            std::vector<float> reals(codes.size());
            kernels::requantize(codes, src, actual, dst);
            kernels::dequantizeLinearReference(codes, src, reals);
            kernels::quantizeLinearReference(reals, dst, expected);
            EXPECT_EQ(actual, expected) << count;
        }
    }
}

TEST(Requantize, GoesThroughTheReal)
{
    const std::vector<std::uint8_t> src{0, 10, 11, 13, 255};
    std::vector<std::int8_t> dst(5);
    kernels::requantize(std::as_bytes(std::span(src)), kernels::formatU8(0.5f, 10),
                        std::as_writable_bytes(std::span(dst)), kernels::formatS8(1.0f, -1));
    // Reals −5, 0, 0.5, 1.5, 122.5
    EXPECT_EQ(dst, (std::vector<std::int8_t>{-6, -1, -1, 1, 121}));
}

} // namespace
