#include "kernels/codes/reference_quantize.h"
#include "kernels/float/float_matmul.h"
#include "kernels/float/reference_matmul.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/int8/reference_quantized_matmul.h"
#include "kernels/shape/isa.h"
#include "kernels/shape/thread_setup.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using kernels::Activation;
using kernels::ElementType;
using kernels::IntegerBackend;
using kernels::MatMulShape;
using kernels::QuantizedMatMul;
using kernels::QuantizedMatMulSpec;

class MatMulOf : public testing::TestWithParam<MatMulShape>
{
};

TEST_P(MatMulOf, FloatsEqualTheReferenceTwin)
{
    const test::PreparedThread prepared;
    const auto& shape = GetParam();
    const auto a = test::randomFloats(shape.aCount(), 1);
    const auto b = test::randomFloats(shape.bCount(), 2);
    const auto bias = test::randomFloats(shape.n, 3);
    const auto residual = test::randomFloats(shape.dstCount(), 4);
    const Activation activation{Activation::Kind::LeakyRelu, 0.1f};
    std::vector<float> expected(residual.size());
    kernels::matMulReference(shape, a, b, bias, activation, residual, expected);
    std::vector<float> constant(residual.size());
    kernels::FloatMatMul(shape, b, bias, activation, kernels::Residual::Add).execute(a, constant, residual);
    std::vector<float> given = residual;
    kernels::FloatMatMul(shape, {}, bias, activation, kernels::Residual::Add).executeWith(a, b, given, given);
    const auto tolerance = 1e-6 * static_cast<double>(shape.k);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(constant[i], expected[i], tolerance);
        ASSERT_NEAR(given[i], expected[i], tolerance);
    }
}

TEST_P(MatMulOf, AccumulatorsAreExact)
{
    const test::PreparedThread prepared;
    const auto& shape = GetParam();
    const auto a = test::randomCodes(shape.aCount(), 1);
    const auto b = test::randomCodes(shape.bCount(), 2);
    const std::vector<float> one{1.0f};
    for (const auto aType : {ElementType::U8, ElementType::S8}) {
        for (const auto bType : {ElementType::U8, ElementType::S8}) {
            for (const std::int32_t zeroPoint : {0, 9}) {
                QuantizedMatMulSpec spec;
                const std::vector<std::int32_t> bZeroPoint{zeroPoint};
                spec.shape = shape;
                spec.bType = bType;
                spec.bScale = one;
                spec.bZeroPoint = bZeroPoint;
                spec.a = aType == ElementType::U8 ? kernels::formatU8(1.0f, zeroPoint)
                                                  : kernels::formatS8(1.0f, zeroPoint);
                spec.dst = kernels::formatS32();
                std::vector<std::byte> expected(static_cast<std::size_t>(shape.dstCount()) * 4);
                kernels::quantizedMatMulReference(spec, a, b, {}, expected);
                for (const auto backend : {IntegerBackend::Fastest, IntegerBackend::Own}) {
                    std::vector<std::byte> dst(expected.size());
                    const QuantizedMatMul given(spec, backend);
                    given.executeWith(a, b, dst);
                    EXPECT_EQ(dst, expected) << given.implementation();
                    spec.b = b;
                    std::fill(dst.begin(), dst.end(), std::byte{0});
                    const QuantizedMatMul constant(spec, backend);
                    constant.execute(a, dst);
                    EXPECT_EQ(dst, expected) << constant.implementation();
                    spec.b = {};
                }
            }
        }
    }
}

/// Sums that FP32 does not resolve, by any type and zero point.
TEST(MatMul, AccumulatorsBeyondWhatFp32ResolvesAreExact)
{
    const test::PreparedThread prepared;
    MatMulShape shape;
    shape.m = 5;
    shape.k = 3001; // codes lie 100 from their zero point on average: sums of some 3 · 10⁷
    shape.n = 20;
    const auto a = test::randomCodes(shape.aCount(), 1);
    const auto b = test::randomCodes(shape.bCount(), 2);
    const std::vector<float> one{1.0f};
    for (const bool aIsSigned : {false, true}) {
        for (const bool bIsSigned : {false, true}) {
            for (const auto& [aMoved, bMoved] :
                 {std::pair(0, 0), std::pair(1, 0), std::pair(0, 1), std::pair(1, 1)}) {
                const std::int32_t aZero = aMoved * (aIsSigned ? -100 : 27);
                const std::vector<std::int32_t> bZero{bMoved * (bIsSigned ? -100 : 27)};
                QuantizedMatMulSpec spec;
                spec.shape = shape;
                spec.bType = bIsSigned ? ElementType::S8 : ElementType::U8;
                spec.bScale = one;
                spec.bZeroPoint = bZero;
                spec.a = aIsSigned ? kernels::formatS8(1.0f, aZero) : kernels::formatU8(1.0f, aZero);
                spec.dst = kernels::formatS32();
                std::vector<std::byte> expected(static_cast<std::size_t>(shape.dstCount()) * 4);
                kernels::quantizedMatMulReference(spec, a, b, {}, expected);
                std::vector<std::byte> dst(expected.size());
                const QuantizedMatMul given(spec);
                given.executeWith(a, b, dst);
                EXPECT_EQ(dst, expected)
                    << given.implementation() << ", zero points " << aZero << ", " << bZero[0];
                spec.b = b;
                const QuantizedMatMul constant(spec);
                constant.execute(a, dst);
                EXPECT_EQ(dst, expected)
                    << constant.implementation() << ", zero points " << aZero << ", " << bZero[0];
            }
        }
    }
}

TEST_P(MatMulOf, CodesEqualTheReferenceTwin)
{
    const test::PreparedThread prepared;
    const auto& shape = GetParam();
    const auto a = test::randomCodes(shape.aCount(), 1);
    const auto b = test::randomCodes(shape.bCount(), 2);
    const auto residual = test::randomCodes(shape.dstCount(), 3);
    const auto bScale = test::randomFloats(shape.n, 4, 0.001f, 0.02f);
    const auto bias = test::randomIntegers<std::int32_t>(shape.n, 5, -5000, 5000);
    QuantizedMatMulSpec spec;
    spec.shape = shape;
    spec.b = b;
    spec.bScale = bScale;
    spec.bias = bias;
    spec.a = kernels::formatU8(0.02f, 128);
    const auto scale =
        static_cast<float>(0.02 * 0.01 * 74.0 * 73.0 * std::sqrt(static_cast<double>(shape.k)) / 40.0);
    spec.dst = kernels::formatU8(scale, 120);
    spec.residual = kernels::formatS8(0.4f * scale, 5);
    for (const auto kind : {Activation::Kind::None, Activation::Kind::Relu, Activation::Kind::HardSwish}) {
        spec.activation.kind = kind;
        std::vector<std::byte> expected(residual.size());
        kernels::quantizedMatMulReference(spec, a, b, residual, expected);
        for (const auto backend : {IntegerBackend::Fastest, IntegerBackend::Own}) {
            const QuantizedMatMul product(spec, backend);
            std::vector<std::byte> dst(residual.size());
            product.execute(a, dst, residual);
            if (kind != Activation::Kind::HardSwish) {
                EXPECT_TRUE(dst == expected) << product.implementation();
                continue;
            }
            std::size_t off = 0;
            for (std::size_t i = 0; i < dst.size(); ++i) {
                const auto d = std::abs(static_cast<int>(dst[i]) - static_cast<int>(expected[i]));
                ASSERT_LE(d, 1) << product.implementation();
                off += d != 0 ? 1 : 0;
            }
            EXPECT_LE(off, 1 + dst.size() / 500) << product.implementation();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatMulOf,
                         testing::Values(MatMulShape{1, 1, 5, 1}, MatMulShape{1, 1, 128, 100, true, true},
                                         MatMulShape{1, 7, 33, 17}, MatMulShape{1, 64, 64, 64, true, true},
                                         MatMulShape{3, 9, 15, 31}, MatMulShape{4, 16, 24, 16, false},
                                         MatMulShape{3, 5, 31, 7, false, true}));

TEST(MatMul, ConstantProductsRunFast)
{
    if (!kernels::hasExactInt8()) {
        GTEST_SKIP() << "no VNNI or AMX: our own kernels run";
    }
    const std::vector<std::byte> b(512 * 1000);
    const std::vector<float> bScale(1000, 0.1f);
    QuantizedMatMulSpec spec;
    spec.shape = {1, 1, 512, 1000, true, true};
    spec.b = b;
    spec.bScale = bScale;
    spec.a = kernels::formatU8(0.1f, 3);
    spec.dst = kernels::formatU8(0.1f, 7);
    const QuantizedMatMul product(spec);
    EXPECT_EQ(product.implementation().find("ref"), std::string::npos) << product.implementation();
    EXPECT_EQ(product.implementation().find("own"), std::string::npos) << product.implementation();
}

} // namespace
