#include "kernels/float/elementwise.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/float/reference_elementwise.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace {

using kernels::Activation;
using kernels::BinaryOperation;

constexpr BinaryOperation kOperations[] = {BinaryOperation::Add, BinaryOperation::Sub, BinaryOperation::Mul,
                                           BinaryOperation::Div, BinaryOperation::Max, BinaryOperation::Min};

struct Sizes
{
    std::int64_t a, b, dst;
};
// Same size, per channel on either side, single values, both.
constexpr Sizes kSizes[] = {{5000, 5000, 5000}, {5100, 17, 5100}, {17, 5100, 5100},  {33, 1, 33},
                            {1, 33, 33},        {1, 1, 7},        {15, 15, 15},      {16, 16, 16},
                            {17, 17, 17},       {63, 63, 63},     {64, 1, 64},       {1, 65, 65},
                            {2047, 2047, 2047}, {4098, 3, 4098},  {2049, 2049, 2049}};

TEST(Binary, FloatsEqualTheReferenceTwin)
{
    for (const auto& [aSize, bSize, size] : kSizes) {
        const auto a = test::randomFloats(aSize, 1, 0.5f, 2.0f);
        const auto b = test::randomFloats(bSize, 2, 0.5f, 2.0f);
        for (const auto operation : kOperations) {
            std::vector<float> actual(static_cast<std::size_t>(size));
            std::vector<float> expected(actual.size());
            const Activation activation{Activation::Kind::LeakyRelu, 0.25f};
            kernels::binary(operation, a, b, actual, activation);
            kernels::binaryReference(operation, a, b, expected, activation);
            EXPECT_EQ(actual, expected);
        }
    }
}

TEST(Binary, CodesEqualTheReferenceTwin)
{
    // Steps of no relation, and powers of two, whose results often lie in the middle of two codes.
    const std::pair<kernels::QuantizedFormat, kernels::QuantizedFormat> kOperands[] = {
        {kernels::formatU8(0.031f, 120), kernels::formatS8(0.027f, -5)},
        {kernels::formatS8(0.25f, 3), kernels::formatU8(0.5f, 128)}};
    const kernels::QuantizedFormat kResults[] = {kernels::formatU8(0.06f, 100),
                                                 kernels::formatS8(0.5f, -7),
                                                 {kernels::ElementType::S8, 1.0f, 0, -127, 127}};
    const Activation kActivations[] = {{},
                                       {Activation::Kind::Relu},
                                       {Activation::Kind::Clip, -1.0f, 6.0f},
                                       {Activation::Kind::LeakyRelu, 0.25f}};
    for (const auto& [aSize, bSize, size] : kSizes) {
        const auto a = test::randomCodes(aSize, 1);
        const auto b = test::randomCodes(bSize, 2);
        for (const auto& [aFormat, bFormat] : kOperands) {
            for (const auto& dstFormat : kResults) {
                for (const auto operation : kOperations) {
                    for (const auto& activation : kActivations) {
                        std::vector<std::byte> actual(static_cast<std::size_t>(size));
                        std::vector<std::byte> expected(actual.size());
                        kernels::binary(operation, a, aFormat, b, bFormat, actual, dstFormat, activation);
                        kernels::binaryReference(operation, a, aFormat, b, bFormat, expected, dstFormat,
                                                 activation);
                        EXPECT_EQ(actual, expected) << size << " of " << aSize << " and " << bSize;
                    }
                }
            }
        }
    }
}

TEST(Activate, EqualsApply)
{
    const auto src = test::randomFloats(1003, 1, -20.0f, 20.0f);
    for (const auto& activation :
         {Activation{}, Activation{Activation::Kind::Relu}, Activation{Activation::Kind::Clip, -1.0f, 6.0f},
          Activation{Activation::Kind::LeakyRelu, 0.1f}, Activation{Activation::Kind::HardSwish},
          Activation{Activation::Kind::Sigmoid}}) {
        std::vector<float> dst(src.size());
        kernels::activate(activation, src, dst);
        for (std::size_t i = 0; i < src.size(); ++i) {
            const float expected = kernels::apply(activation, src[i]);
            ASSERT_NEAR(dst[i], expected, 2e-6f * std::abs(expected)) << src[i];
        }
    }
}

TEST(Lookup, EqualsItsTwinAroundEveryVectorWidth)
{
    const auto entries = test::randomCodes(256, 7);
    kernels::LookupTable table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = static_cast<std::uint8_t>(entries[i]);
    }
    for (const std::int64_t size : {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 4099}) {
        const auto codes = test::randomCodes(size, 8);
        std::vector<std::byte> actual(codes.size());
        std::vector<std::byte> expected(codes.size());
        kernels::lookup(codes, table, actual);
        kernels::lookupReference(codes, table, expected);
        EXPECT_EQ(actual, expected) << size;
        auto inPlace = codes;
        kernels::lookup(inPlace, table, inPlace);
        EXPECT_EQ(inPlace, expected) << size;
    }
}

TEST(Lookup, ReadsEveryEntry)
{
    kernels::LookupTable table{};
    std::vector<std::byte> codes(256);
    for (std::size_t i = 0; i < 256; ++i) {
        codes[i] = static_cast<std::byte>(i);
        table[i] = static_cast<std::uint8_t>(255 - i);
    }
    kernels::lookup(codes, table, codes);
    for (std::size_t i = 0; i < 256; ++i) {
        ASSERT_EQ(codes[i], static_cast<std::byte>(255 - i));
    }
}

TEST(Lookup, TableOfIdentityKeepsCodes)
{
    const auto codes = test::randomCodes(999, 1);
    const auto format = kernels::formatS8(0.1f, 3);
    const auto table = kernels::makeTable(format, format, [](float x) { return x; });
    std::vector<std::byte> dst(codes.size());
    kernels::lookup(codes, table, dst);
    EXPECT_EQ(dst, codes);
}

TEST(Lookup, TableHoldsTheFunction)
{
    const auto src = kernels::formatS8(0.1f);
    const auto dst = kernels::formatU8(1.0f / 256.0f);
    const auto table = kernels::makeTable(src, dst, [](float x) { return 1.0f / (1.0f + std::exp(-x)); });
    EXPECT_EQ(table[0], 128); // σ(0) = 0.5
    EXPECT_EQ(table[static_cast<std::uint8_t>(-128)], 0); // σ(−12.8)
    EXPECT_EQ(table[static_cast<std::uint8_t>(127)], 255); // σ(12.7) = 0.999997, saturated
    EXPECT_EQ(table[static_cast<std::uint8_t>(-10)], 69); // 256·σ(−1) = 68.85
}

TEST(Softmax, EqualsItsReferenceTwin)
{
    for (const Sizes sizes : {Sizes{3, 17, 1}, {2, 1000, 1}, {2, 5, 7}, {1, 1, 1}}) {
        const auto src = test::randomFloats(sizes.a * sizes.b * sizes.dst, 1, -30.0f, 30.0f);
        std::vector<float> actual(src.size());
        std::vector<float> expected(src.size());
        kernels::softmax(src, sizes.a, sizes.b, sizes.dst, actual);
        kernels::softmaxReference(src, sizes.a, sizes.b, sizes.dst, expected);
        for (std::size_t i = 0; i < src.size(); ++i) {
            ASSERT_NEAR(actual[i], expected[i], 1e-6f);
        }
    }
}

} // namespace
