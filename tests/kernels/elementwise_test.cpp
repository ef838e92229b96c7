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
constexpr Sizes kSizes[] = {{5000, 5000, 5000}, {5100, 17, 5100}, {17, 5100, 5100},
                            {33, 1, 33},        {1, 33, 33},      {1, 1, 7}};

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
    for (const auto& [aSize, bSize, size] : kSizes) {
        const auto a = test::randomCodes(aSize, 1);
        const auto b = test::randomCodes(bSize, 2);
        const auto aFormat = kernels::formatU8(0.031f, 120);
        const auto bFormat = kernels::formatS8(0.027f, -5);
        const auto dstFormat = kernels::formatU8(0.06f, 100);
        for (const auto operation : kOperations) {
            std::vector<std::byte> actual(static_cast<std::size_t>(size));
            std::vector<std::byte> expected(actual.size());
            kernels::binary(operation, a, aFormat, b, bFormat, actual, dstFormat, {Activation::Kind::Relu});
            kernels::binaryReference(operation, a, aFormat, b, bFormat, expected, dstFormat,
                                     {Activation::Kind::Relu});
            std::size_t off = 0;
            for (std::size_t i = 0; i < actual.size(); ++i) {
                ASSERT_LE(std::abs(static_cast<int>(actual[i]) - static_cast<int>(expected[i])), 1);
                off += actual[i] != expected[i] ? 1 : 0;
            }
            EXPECT_LE(off, 1 + actual.size() / 100);
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
