// Tanh, Exp, Sqrt, Abs, Elu and Gelu behind a product: every backend against <cmath> in double.
#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/emulated_convolution.h"
#include "kernels/float/float_convolution.h"
#include "kernels/float/float_matmul.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/int8/reference_quantized_matmul.h"
#include "kernels/shape/thread_setup.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace {

using kernels::Activation;
using kernels::ElementType;
using kernels::IntegerBackend;
using Kind = Activation::Kind;

/// By the definitions of ONNX.
float plain(const Activation& f, float x)
{
    const double v = x;
    double y = 0.0;
    switch (f.kind) {
    case Kind::Tanh:
        y = std::tanh(v);
        break;
    case Kind::Exp:
        y = std::exp(v);
        break;
    case Kind::Sqrt:
        y = std::sqrt(v);
        break;
    case Kind::Abs:
        y = std::abs(v);
        break;
    case Kind::Elu:
        y = v < 0.0 ? double(f.alpha) * std::expm1(v) : v;
        break;
    default: // Gelu
        y = 0.5 * v * (1.0 + std::erf(v / std::sqrt(2.0)));
    }
    return static_cast<float>(y);
}

const Activation kFunctions[] = {{Kind::Tanh}, {Kind::Exp},       {Kind::Sqrt},
                                 {Kind::Abs},  {Kind::Elu, 0.7f}, {Kind::Gelu}};

void expectSame(std::span<const float> sums, std::span<const float> fused, const Activation& f)
{
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const float expected = plain(f, sums[i]);
        wrong += fused[i] != expected && !(std::isnan(fused[i]) && std::isnan(expected)) ? 1 : 0;
    }
    EXPECT_EQ(wrong, 0U) << static_cast<int>(f.kind);
}

TEST(FusedFunction, OfFp32EqualsItselfBehindTheProductBitForBit)
{
    const test::PreparedThread prepared;
    const kernels::MatMulShape shape{1, 7, 33, 17, true, true};
    const auto a = test::randomFloats(shape.aCount(), 1);
    const auto b = test::randomFloats(shape.bCount(), 2);
    const auto bias = test::randomFloats(shape.n, 3);
    const kernels::ConvolutionShape window = test::square(5, 6, 1, {9, 3});
    const auto weights = test::randomFloats(window.weightCount(), 4);
    const auto image = test::randomFloats(window.srcCount(), 5);
    for (const Activation& f : kFunctions) {
        std::vector<float> sums(static_cast<std::size_t>(shape.dstCount()));
        std::vector<float> fused(sums.size());
        kernels::FloatMatMul(shape, b, bias, {}, kernels::Residual::None).execute(a, sums);
        kernels::FloatMatMul(shape, b, bias, f, kernels::Residual::None).execute(a, fused);
        expectSame(sums, fused, f);
        sums.resize(static_cast<std::size_t>(window.dstCount()));
        fused.resize(sums.size());
        kernels::FloatConvolution(window, weights, {}, {}, kernels::Residual::None).execute(image, sums);
        kernels::FloatConvolution(window, weights, {}, f, kernels::Residual::None).execute(image, fused);
        expectSame(sums, fused, f);
    }
}

// One rounding: code = round(f(Σ·s) / s_y) + z. No backend may be a code away, unlike with Sigmoid.
TEST(FusedFunction, OfCodesRoundsOnceOnEveryBackend)
{
    const test::PreparedThread prepared;
    const kernels::MatMulShape shape{1, 9, 40, 12};
    const auto a = test::randomCodes(shape.aCount(), 1);
    const auto codes = test::randomCodes(shape.bCount(), 2);
    std::vector<std::int8_t> b(codes.size());
    std::vector<std::int32_t> wide(b.size());
    std::vector<std::int32_t> transposed(b.size());
    const auto n = static_cast<std::size_t>(shape.n);
    const auto k = static_cast<std::size_t>(shape.k);
    for (std::size_t i = 0; i < b.size(); ++i) {
        b[i] = static_cast<std::int8_t>(codes[i]);
        wide[i] = b[i];
        transposed[i % n * k + i / n] = b[i];
    }
    const std::vector<float> bScale(n, 0.0011f);
    kernels::QuantizedMatMulSpec spec;
    spec.shape = shape;
    spec.b = std::as_bytes(std::span(b));
    spec.bScale = bScale;
    spec.a = kernels::formatU8(0.02f, 128);
    for (const Activation& f : kFunctions) {
        for (const auto& dst : {kernels::formatU8(1.0f / 90.0f, 100), kernels::formatS8(1.0f / 60.0f, -3)}) {
            spec.activation = f;
            spec.dst = dst;
            std::vector<std::byte> expected(static_cast<std::size_t>(shape.dstCount()));
            for (std::size_t i = 0; i < expected.size(); ++i) {
                std::int32_t sum = 0;
                for (std::size_t j = 0; j < k; ++j) {
                    sum += (static_cast<int>(a[i / n * k + j]) - 128) * wide[j * n + i % n];
                }
                const float y = plain(f, static_cast<float>(sum) * (spec.a.scale * bScale[0]));
                const double code =
                    std::isnan(y) ? dst.zeroPoint : std::nearbyint(y / dst.scale) + dst.zeroPoint;
                kernels::storeCode(
                    expected, dst.type, i,
                    static_cast<std::int32_t>(std::clamp(code, double(dst.lowest), double(dst.highest))));
            }
            std::vector<std::byte> actual(expected.size());
            for (const auto backend : {IntegerBackend::Fastest, IntegerBackend::Own}) {
                const kernels::QuantizedMatMul product(spec, backend);
                product.execute(a, actual);
                EXPECT_TRUE(actual == expected)
                    << product.implementation() << " " << static_cast<int>(f.kind);
            }
            kernels::quantizedMatMulReference(spec, a, spec.b, {}, actual);
            EXPECT_TRUE(actual == expected) << "twin " << static_cast<int>(f.kind);
            kernels::EmulatedConvolutionSpec emulated;
            emulated.shape.srcChannels = shape.k;
            emulated.shape.dstChannels = shape.n;
            emulated.shape.src = {shape.m, 1, 1};
            emulated.shape.dst = {shape.m, 1, 1};
            emulated.weights = transposed;
            emulated.weightScale = bScale;
            const std::vector<std::int32_t> zero(n, 0);
            emulated.weightZeroPoint = zero;
            emulated.src = spec.a;
            emulated.dst = dst;
            emulated.activation = f;
            kernels::EmulatedConvolution(emulated).execute(a, actual);
            EXPECT_TRUE(actual == expected) << "emulated " << static_cast<int>(f.kind);
        }
    }
}

} // namespace
