#include "kernels/int8/quantized_convolution.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/int8/reference_quantized_convolution.h"
#include "kernels/shape/isa.h"
#include "kernels/shape/thread_setup.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>

namespace {

using kernels::Activation;
using kernels::ElementType;
using kernels::IntegerBackend;
using kernels::QuantizedConvolution;
using kernels::QuantizedConvolutionSpec;
using kernels::QuantizedFormat;

constexpr IntegerBackend kBackends[] = {IntegerBackend::Fastest, IntegerBackend::Own};

/// Everything a spec points to.
struct Example
{
    explicit Example(const kernels::ConvolutionShape& shape)
        : weights(test::randomIntegers<std::int8_t>(shape.weightCount(), 11, -127, 127))
        , bias(test::randomIntegers<std::int32_t>(shape.dstChannels, 12, -4000, 4000))
        , weightScale(test::randomFloats(shape.dstChannels, 13, 0.001f, 0.02f))
        , src(test::randomCodes(shape.srcCount(), 14))
        , residual(test::randomCodes(shape.dstCount(), 15))
    {
        spec.shape = shape;
        spec.weights = weights;
        spec.weightScale = weightScale;
        // Results fill the codes of dst without drowning in saturation.
        const double products = static_cast<double>(shape.srcChannels / shape.groups * shape.taps());
        dstScale = static_cast<float>(0.02 * 0.01 * 74.0 * 73.0 * std::sqrt(products) / 40.0);
    }
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
    std::vector<float> weightScale;
    std::vector<std::byte> src;
    std::vector<std::byte> residual;
    float dstScale = 1.0f;
    QuantizedConvolutionSpec spec;
};

std::vector<std::byte> run(const QuantizedConvolution& convolution, const Example& example)
{
    const auto& spec = example.spec;
    std::vector<std::byte> dst(static_cast<std::size_t>(spec.shape.dstCount()) * sizeOf(spec.dst.type));
    convolution.execute(example.src, dst,
                        spec.residual ? std::span<const std::byte>(example.residual)
                                      : std::span<const std::byte>());
    return dst;
}

class QuantizedConvolutionOf : public testing::TestWithParam<test::ConvolutionCase>
{
};

TEST_P(QuantizedConvolutionOf, AccumulatorsAreExact)
{
    const test::PreparedThread prepared;
    Example example(GetParam().shape);
    example.spec.dst = kernels::formatS32();
    for (const auto& src : {kernels::formatU8(0.02f), kernels::formatU8(0.02f, 121), kernels::formatS8(0.02f),
                            kernels::formatS8(0.02f, -7)}) {
        example.spec.src = src;
        const auto expected = kernels::accumulatorsReference(example.spec, example.src);
        for (const auto backend : kBackends) {
            const QuantizedConvolution convolution(example.spec, backend);
            const auto bytes = run(convolution, example);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                wrong += kernels::codeAt(bytes, ElementType::S32, i) != expected[i] ? 1 : 0;
            }
            EXPECT_EQ(wrong, 0U) << convolution.implementation() << " zero point " << src.zeroPoint;
        }
    }
}

/// Bit for bit, but for HardSwish and Sigmoid, which oneDNN approximates: codes may differ by one next to a
/// tie. Seen: 1 of 10⁴; more than 1 of 500 is a bug.
void expectEqualCodes(const std::vector<std::byte>& actual, const std::vector<std::byte>& expected,
                      ElementType type, const Activation& activation, const std::string& what)
{
    if (activation.kind != Activation::Kind::HardSwish && activation.kind != Activation::Kind::Sigmoid) {
        EXPECT_EQ(std::inner_product(actual.begin(), actual.end(), expected.begin(), std::size_t{0},
                                     std::plus<>(), std::not_equal_to<>()),
                  0U)
            << what;
        return;
    }
    std::size_t off = 0;
    int worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const int d = std::abs(kernels::codeAt(actual, type, i) - kernels::codeAt(expected, type, i));
        off += d != 0 ? 1 : 0;
        worst = std::max(worst, d);
    }
    EXPECT_LE(worst, 1) << what;
    EXPECT_LE(off, 1 + expected.size() / 500) << what;
}

TEST_P(QuantizedConvolutionOf, CodesEqualTheReferenceTwin)
{
    const test::PreparedThread prepared;
    Example example(GetParam().shape);
    example.spec.bias = example.bias;
    const float scale = example.dstScale;
    const Activation activations[] = {{},
                                      {Activation::Kind::Relu},
                                      {Activation::Kind::Clip, 0.0f, 90.0f * scale},
                                      {Activation::Kind::LeakyRelu, 0.1f},
                                      {Activation::Kind::HardSwish},
                                      {Activation::Kind::Sigmoid}};
    const QuantizedFormat sources[] = {kernels::formatU8(0.02f), kernels::formatS8(0.02f, 3)};
    const QuantizedFormat destinations[] = {
        kernels::formatU8(scale), kernels::formatU8(scale, 128), {ElementType::S8, scale, 0, -127, 127}};
    for (const auto& activation : activations) {
        for (const auto& src : sources) {
            for (auto dst : destinations) {
                if (activation.kind == Activation::Kind::Sigmoid) {
                    dst.scale = 1.0f / 256.0f;
                }
                example.spec.activation = activation;
                example.spec.src = src;
                example.spec.dst = dst;
                std::vector<std::byte> expected(static_cast<std::size_t>(example.spec.shape.dstCount()));
                kernels::quantizedConvolutionReference(example.spec, example.src, {}, expected);
                for (const auto backend : kBackends) {
                    const QuantizedConvolution convolution(example.spec, backend);
                    expectEqualCodes(run(convolution, example), expected, dst.type, activation,
                                     convolution.implementation() + " activation "
                                         + std::to_string(static_cast<int>(activation.kind)) + " zero points "
                                         + std::to_string(src.zeroPoint) + " "
                                         + std::to_string(dst.zeroPoint));
                }
            }
        }
    }
}

TEST_P(QuantizedConvolutionOf, AddsResidualsOfBothSignednesses)
{
    const test::PreparedThread prepared;
    Example example(GetParam().shape);
    const float scale = example.dstScale;
    example.spec.bias = example.bias;
    example.spec.activation = {Activation::Kind::Relu};
    example.spec.src = kernels::formatU8(0.02f, 5);
    for (const auto& residual : {kernels::formatU8(0.4f * scale, 100), kernels::formatS8(0.5f * scale, -3)}) {
        for (const auto& dst : {kernels::formatU8(scale, 10), kernels::formatS8(scale)}) {
            example.spec.residual = residual;
            example.spec.dst = dst;
            std::vector<std::byte> expected(static_cast<std::size_t>(example.spec.shape.dstCount()));
            kernels::quantizedConvolutionReference(example.spec, example.src, example.residual, expected);
            for (const auto backend : kBackends) {
                const QuantizedConvolution convolution(example.spec, backend);
                const auto apart = run(convolution, example);
                expectEqualCodes(apart, expected, dst.type, example.spec.activation,
                                 convolution.implementation());
                auto inPlace = example.residual;
                convolution.execute(example.src, inPlace, inPlace);
                EXPECT_EQ(inPlace, apart) << convolution.implementation();
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, QuantizedConvolutionOf, testing::ValuesIn(test::allConvolutions()),
                         [](const auto& instance) { return instance.param.name; });

TEST(QuantizedConvolution, CommonShapesRunFast)
{
    if (!kernels::hasExactInt8()) {
        GTEST_SKIP() << "no VNNI or AMX: our own kernels run";
    }
    for (const auto& [name, shape] : test::commonConvolutions()) {
        for (const auto& format : {kernels::formatU8(0.1f), kernels::formatU8(0.1f, 9),
                                   kernels::formatS8(0.1f), kernels::formatS8(0.1f, 9)}) {
            Example example(shape);
            example.spec.src = format;
            example.spec.dst = format;
            const QuantizedConvolution convolution(example.spec);
            EXPECT_EQ(convolution.implementation().find("ref"), std::string::npos) << name;
            EXPECT_EQ(convolution.implementation().find("own"), std::string::npos)
                << name << " zero point " << format.zeroPoint;
            EXPECT_EQ(convolution.implementation().find("epilogue"), std::string::npos) << name;
        }
    }
}

TEST(QuantizedConvolution, RandomZeroPointsAndScalesGiveTheCodesOfTheTwin)
{
    const test::PreparedThread prepared;
    std::mt19937 engine(7);
    const auto pick = [&engine](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(engine);
    };
    for (int round = 0; round < 60; ++round) {
        const bool depthwise = pick(0, 3) == 0;
        const int channels = pick(1, 80);
        Example example(test::square(depthwise ? channels : pick(1, 80), channels, depthwise ? channels : 1,
                                     {pick(4, 11), pick(0, 1) * 2 + 1, pick(1, 2), 1}));
        // A power of two of every third scale makes real ties.
        example.weightScale.assign(example.weightScale.size(), 1.0f / 64.0f);
        const float scale =
            round % 3 == 0 ? 2.0f : example.dstScale * static_cast<float>(pick(50, 200)) / 100.0f;
        if (round % 3 != 0) {
            example.weightScale = test::randomFloats(channels, static_cast<unsigned>(round), 0.001f, 0.02f);
        }
        example.spec.weightScale = example.weightScale;
        example.spec.bias = example.bias;
        example.spec.src = pick(0, 1) == 0 ? kernels::formatU8(0.25f, pick(0, 255))
                                           : kernels::formatS8(0.03f, pick(-128, 127));
        example.spec.dst = pick(0, 1) == 0 ? kernels::formatU8(scale, pick(1, 255))
                                           : kernels::formatS8(scale, pick(-128, 127));
        example.spec.activation.kind = pick(0, 1) == 0 ? Activation::Kind::None : Activation::Kind::Relu;
        if (pick(0, 2) == 0) {
            example.spec.residual = kernels::formatU8(0.4f * scale, pick(0, 255));
        }
        std::vector<std::byte> expected(static_cast<std::size_t>(example.spec.shape.dstCount()));
        kernels::quantizedConvolutionReference(example.spec, example.src, example.residual, expected);
        for (const auto backend : kBackends) {
            const QuantizedConvolution convolution(example.spec, backend);
            EXPECT_TRUE(run(convolution, example) == expected)
                << convolution.implementation() << " round " << round << " zero point "
                << example.spec.dst.zeroPoint;
        }
    }
}

TEST(QuantizedConvolution, LargeBiasesAreAddedAsIntegers)
{
    const test::PreparedThread prepared;
    Example example(test::square(16, 32, 1, {9, 1, 1, 0}));
    // Above 2²⁴ not every bias is an FP32 number: rounding it before the sum would move codes.
    example.bias = test::randomIntegers<std::int32_t>(32, 3, (1 << 24) + 1, (1 << 24) + 4001);
    example.spec.bias = example.bias;
    example.weightScale.assign(32, 0.01f);
    example.spec.weightScale = example.weightScale;
    example.spec.src = kernels::formatU8(0.02f, 11);
    example.spec.dst = kernels::formatU8(16.0f, 0);
    std::vector<std::byte> expected(static_cast<std::size_t>(example.spec.shape.dstCount()));
    kernels::quantizedConvolutionReference(example.spec, example.src, {}, expected);
    for (const auto backend : kBackends) {
        EXPECT_TRUE(run(QuantizedConvolution(example.spec, backend), example) == expected);
    }
}

TEST(QuantizedConvolution, SubtractsZeroPointsOfWeights)
{
    const test::PreparedThread prepared;
    Example example(test::square(9, 7, 1, {6, 3, 1, 1}));
    const auto zeroPoints = test::randomIntegers<std::int32_t>(7, 5, -100, 100);
    example.spec.weightZeroPoint = zeroPoints;
    example.spec.src = kernels::formatU8(0.02f, 77);
    example.spec.dst = kernels::formatS32();
    const auto expected = kernels::accumulatorsReference(example.spec, example.src);
    const auto bytes = run(QuantizedConvolution(example.spec), example);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(kernels::codeAt(bytes, ElementType::S32, i), expected[i]);
    }
}

TEST(QuantizedConvolution, TiesRoundToEvenAndCodesSaturate)
{
    // One channel, 1×1: acc = q, scale 1/2, so codes 1, 3, 5 are the ties 0.5, 1.5, 2.5.
    kernels::ConvolutionShape shape;
    shape.src = shape.dst = {1, 6, 1};
    const std::vector<std::int8_t> weights{1};
    const std::vector<float> weightScale{1.0f};
    const std::vector<std::uint8_t> src{1, 3, 5, 255, 0, 41};
    QuantizedConvolutionSpec spec{.shape = shape, .weights = weights, .weightScale = weightScale};
    spec.src = kernels::formatU8(1.0f);
    spec.dst = {ElementType::U8, 2.0f, 0, 0, 20};
    for (const auto backend : kBackends) {
        std::vector<std::uint8_t> dst(6);
        QuantizedConvolution(spec, backend)
            .execute(std::as_bytes(std::span(src)), std::as_writable_bytes(std::span(dst)));
        EXPECT_EQ(dst, (std::vector<std::uint8_t>{0, 2, 2, 20, 0, 20}));
    }
}

TEST(QuantizedConvolution, WritesRealsToFloat)
{
    const test::PreparedThread prepared;
    Example example(test::square(32, 32, 1, {8, 3, 1, 1}));
    example.spec.bias = example.bias;
    example.spec.src = kernels::formatU8(0.02f, 30);
    example.spec.dst = kernels::formatF32();
    example.spec.activation = {Activation::Kind::Relu};
    for (const bool withResidual : {false, true}) {
        if (withResidual) {
            example.spec.residual = kernels::formatS8(0.3f, 4);
        }
        std::vector<std::byte> expected(static_cast<std::size_t>(example.spec.shape.dstCount())
                                        * sizeof(float));
        kernels::quantizedConvolutionReference(example.spec, example.src, example.residual, expected);
        for (const auto backend : kBackends) {
            const auto bytes = run(QuantizedConvolution(example.spec, backend), example);
            for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
                float a = 0.0f;
                float b = 0.0f;
                std::memcpy(&a, bytes.data() + i, sizeof(a));
                std::memcpy(&b, expected.data() + i, sizeof(b));
                ASSERT_NEAR(a, b, 1e-5f * std::max(1.0f, std::abs(b)));
            }
        }
    }
}

} // namespace
