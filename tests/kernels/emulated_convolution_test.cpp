#include "kernels/emulated/emulated_convolution.h"

#include "io/files/process.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/fixed_point.h"
#include "kernels/emulated/fixed_point_sum.h"
#include "kernels/emulated/reference_emulated_convolution.h"
#include "kernels/int8/quantized_convolution.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/shape/isa.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

namespace {

using kernels::AccumulatorForm;
using kernels::ElementType;
using kernels::EmulatedConvolution;
using kernels::EmulatedConvolutionSpec;
using kernels::PairOrder;
using kernels::QuantizedFormat;
using kernels::SaturationCounts;

/// Everything a spec points to. Codes near the ends, so that pairs do saturate.
struct Example
{
    explicit Example(const kernels::ConvolutionShape& shape, std::int32_t most = 127)
        : weights(test::randomIntegers<std::int32_t>(shape.weightCount(), 11, -most, most))
        , bias(test::randomIntegers<std::int32_t>(shape.dstChannels, 12, -4000, 4000))
        , weightScale(test::randomFloats(shape.dstChannels, 13, 0.001f, 0.02f))
        , weightZeroPoint(static_cast<std::size_t>(shape.dstChannels), 0)
        , src(test::randomCodes(shape.srcCount(), 14))
    {
        spec.shape = shape;
        spec.weights = weights;
        spec.weightScale = weightScale;
        spec.weightZeroPoint = weightZeroPoint;
        spec.dst = kernels::formatS32();
    }
    std::vector<std::int32_t> weights;
    std::vector<std::int32_t> bias;
    std::vector<float> weightScale;
    std::vector<std::int32_t> weightZeroPoint;
    std::vector<std::byte> src;
    EmulatedConvolutionSpec spec;
};

std::vector<std::byte> run(const EmulatedConvolutionSpec& spec, std::span<const std::byte> src,
                           SaturationCounts* counts = nullptr)
{
    std::vector<std::byte> dst(static_cast<std::size_t>(spec.shape.dstCount()) * sizeOf(spec.dst.type));
    EmulatedConvolution(spec).execute(src, dst, {}, counts);
    return dst;
}

std::size_t differences(const std::vector<std::byte>& codes, ElementType type,
                        const std::vector<std::int64_t>& expected)
{
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        wrong += kernels::codeAt(codes, type, i) != expected[i] ? 1 : 0;
    }
    return wrong;
}

class EmulatedConvolutionOf : public testing::TestWithParam<test::ConvolutionCase>
{
};

TEST_P(EmulatedConvolutionOf, SumsEqualTheReadableTwin)
{
    Example example(GetParam().shape);
    for (const auto& src : {kernels::formatU8(0.02f, 3), kernels::formatS8(0.02f)}) {
        for (const auto form :
             {AccumulatorForm::Exact, AccumulatorForm::PairSaturating, AccumulatorForm::Acc16}) {
            for (const auto order : {PairOrder::PerTap, PairOrder::Contiguous}) {
                example.spec.src = src;
                example.spec.accumulator = form;
                example.spec.order = order;
                example.spec.outlierBits = 7;
                example.spec.halvedWeights =
                    form == AccumulatorForm::PairSaturating && src.type == ElementType::S8;
                SaturationCounts expected;
                const auto sums = kernels::emulatedSumsReference(example.spec, example.src, expected);
                SaturationCounts counts = expected;
                std::ranges::fill(counts.pairs, 0);
                std::ranges::fill(counts.sums, 0);
                EXPECT_EQ(differences(run(example.spec, example.src, &counts), ElementType::S32, sums), 0u);
                EXPECT_EQ(counts.pairs, expected.pairs);
                EXPECT_EQ(counts.sums, expected.sums);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EmulatedConvolutionOf, testing::ValuesIn(test::unusualConvolutions()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(EmulatedConvolution, EqualsTheInt8KernelBitForBit)
{
    const test::PreparedThread prepared;
    Example example(test::square(15, 17, 1, {9, 3, 1, 1}));
    example.spec.src = kernels::formatU8(0.02f, 121);
    example.spec.dst = kernels::formatU8(0.9f, 64);
    example.spec.bias = example.bias;
    const std::vector<std::int8_t> narrow(example.weights.begin(), example.weights.end());
    kernels::QuantizedConvolutionSpec spec;
    spec.shape = example.spec.shape;
    spec.weights = narrow;
    spec.weightScale = example.weightScale;
    spec.bias = example.bias;
    spec.src = example.spec.src;
    spec.dst = example.spec.dst;
    std::vector<std::byte> expected(static_cast<std::size_t>(spec.shape.dstCount()));
    kernels::QuantizedConvolution(spec, kernels::IntegerBackend::Own).execute(example.src, expected);
    EXPECT_EQ(run(example.spec, example.src), expected);
}

// 16×16 bits: one product reaches 2^31, so a sum of 135 needs int64; the result in double loses nothing.
TEST(EmulatedConvolution, SixteenBitCodesSumIn64Bits)
{
    Example example(test::square(15, 4, 1, {5, 3, 1, 1}), 32767);
    const auto codes = test::randomIntegers<std::uint16_t>(example.spec.shape.srcCount(), 5, 0, 65535);
    const auto src = std::as_bytes(std::span(codes));
    example.spec.src = {ElementType::U16, 0.001f, 17, 0, 65535};
    example.spec.dst = {ElementType::S16, 200.0f, 0, -32768, 32767};
    EXPECT_EQ(EmulatedConvolution(example.spec).implementation(), "own:s64");
    SaturationCounts unused;
    const auto sums = kernels::emulatedSumsReference(example.spec, src, unused);
    const auto result = run(example.spec, src);
    const std::size_t channels = 4;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const float scale = 0.001f * example.weightScale[i % channels];
        const auto real = static_cast<float>(static_cast<double>(sums[i]) * static_cast<double>(scale));
        wrong += kernels::codeAt(result, ElementType::S16, i)
                != kernels::codeOfScaled(static_cast<double>(real / 200.0f), example.spec.dst)
            ? 1
            : 0;
    }
    EXPECT_EQ(wrong, 0u);
}

TEST(EmulatedConvolution, GroupsOfSourceChannelsHaveScalesOfTheirOwn)
{
    // One position, four source channels in groups of two: 2·(1·1 + 2·2)·0.5 + … worked by hand.
    kernels::ConvolutionShape shape;
    shape.spatialRank = 1;
    shape.srcChannels = 4;
    shape.dstChannels = 1;
    const std::vector<std::int32_t> weights{1, 2, 3, 4};
    const std::vector<float> scale{0.5f, 0.25f};
    const std::vector<std::int32_t> zeroPoint{0, 1};
    const std::vector<std::int32_t> bias{8};
    const std::vector<float> biasScale{0.5f};
    EmulatedConvolutionSpec spec;
    spec.shape = shape;
    spec.weights = weights;
    spec.weightScale = scale;
    spec.weightZeroPoint = zeroPoint;
    spec.groupSize = 2;
    spec.bias = bias;
    spec.biasScale = biasScale;
    spec.src = kernels::formatU8(2.0f);
    spec.dst = kernels::formatF32();
    const std::vector<std::byte> src{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    const auto dst = run(spec, src);
    float result = 0.0f;
    std::memcpy(&result, dst.data(), sizeof result);
    // 2·0.5·(1 + 4) + 2·0.25·(3·2 + 4·3) + 8·2·0.5
    EXPECT_EQ(result, 5.0f + 9.0f + 8.0f);
}

TEST(EmulatedConvolution, FixedPointFormsRoundAsTheScalarOnesDo)
{
    Example example(test::square(16, 8, 1, {6, 1}));
    example.spec.src = kernels::formatU8(0.02f, 7);
    const auto sums = [&] {
        SaturationCounts unused;
        return kernels::emulatedSumsReference(example.spec, example.src, unused);
    }();
    const QuantizedFormat dst{ElementType::U8, 0.5f, 64, 0, 255};
    example.spec.dst = dst;
    example.spec.activation = {kernels::Activation::Kind::Relu};
    for (const auto form : {kernels::RequantizationForm::Reciprocal, kernels::RequantizationForm::Gemmlowp,
                            kernels::RequantizationForm::Qnnpack, kernels::RequantizationForm::Dnnlowp}) {
        example.spec.requantization = form;
        std::vector<std::int64_t> expected;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const float scale = example.weightScale[i % 8];
            const double real = static_cast<double>(0.02f) * scale / 0.5;
            const auto acc = static_cast<std::int32_t>(sums[i]);
            const kernels::CodeBounds bounds{64, 255}; // Relu: from the zero point up
            using Form = kernels::RequantizationForm;
            expected.push_back(
                form == Form::Gemmlowp
                    ? kernels::requantizeGemmlowp(acc, kernels::chooseGemmlowpFactor(real), 64, bounds)
                    : form == Form::Qnnpack ? kernels::requantizeQnnpack(
                          acc, kernels::chooseQnnpackFactor(static_cast<float>(real)), 64, bounds)
                    : form == Form::Dnnlowp
                    ? kernels::requantizeDnnlowp(acc, kernels::chooseDnnlowpFactor(static_cast<float>(real)),
                                                 64, bounds)
                    : kernels::requantizeFloat(acc, 0.02f * scale / 0.5f, 64, bounds,
                                               kernels::RoundingOrder::RoundThenAddZeroPoint));
        }
        EXPECT_EQ(differences(run(example.spec, example.src), ElementType::U8, expected), 0u);
    }
}

TEST(EmulatedConvolution, ResidualsAreAddedAsTheScalarFormsDo)
{
    Example example(test::square(16, 8, 1, {6, 1}));
    example.spec.src = kernels::formatU8(0.02f, 7);
    SaturationCounts unused;
    const auto sums = kernels::emulatedSumsReference(example.spec, example.src, unused);
    const QuantizedFormat residual = kernels::formatU8(0.3f, 40);
    const auto codes = test::randomCodes(static_cast<std::int64_t>(sums.size()), 15);
    example.spec.dst = {ElementType::U8, 0.5f, 64, 0, 255};
    example.spec.activation = {kernels::Activation::Kind::Relu};
    example.spec.residual = residual;
    const kernels::CodeBounds bounds{64, 255}; // Relu: from the zero point up
    const double other = static_cast<double>(0.3f) / 0.5;
    using Form = kernels::RequantizationForm;
    for (const auto form : {Form::Reciprocal, Form::Gemmlowp, Form::Qnnpack, Form::Dnnlowp}) {
        example.spec.requantization = form;
        std::vector<std::byte> dst(sums.size());
        EmulatedConvolution(example.spec).execute(example.src, dst, codes);
        std::size_t beyondHalf = 0;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const float scale = example.weightScale[i % 8];
            const double real = static_cast<double>(0.02f) * scale / 0.5;
            const auto acc = static_cast<std::int32_t>(sums[i]);
            const std::int32_t d = kernels::codeAt(codes, ElementType::U8, i) - 40;
            const int expected = form == Form::Gemmlowp
                ? kernels::requantizeGemmlowpSum(acc, d, kernels::chooseGemmlowpSum(real, other), 64, bounds)
                : form == Form::Reciprocal
                ? static_cast<int>(std::clamp(std::nearbyint(static_cast<float>(acc) * (0.02f * scale / 0.5f)
                                                             + static_cast<float>(d) * (0.3f / 0.5f))
                                                  + 64.0f,
                                              64.0f, 255.0f))
                : kernels::requantizeCommonShiftSum(
                    acc, d, kernels::chooseCommonShiftSum(real, other), 64, bounds,
                    form == Form::Qnnpack ? kernels::TieRule::AwayFromZero : kernels::TieRule::Up);
            ASSERT_EQ(kernels::codeAt(dst, ElementType::U8, i), expected) << i;
            const double exact = std::clamp(acc * real + d * other + 64.0, 64.0, 255.0);
            beyondHalf += std::fabs(expected - exact) > 0.5001 ? 1 : 0;
        }
        EXPECT_EQ(beyondHalf, 0u) << static_cast<int>(form);
    }
}

// dnnlowp.md 7: x = 255, w = 127, K = 256: exact 8,290,560; saturating pairs 4,194,176; 16-bit sums 32,767.
TEST(EmulatedConvolution, GoldenSumsOfOneConstant)
{
    kernels::ConvolutionShape shape;
    shape.spatialRank = 1;
    shape.srcChannels = 256;
    const std::vector<std::int32_t> weights(256, 127);
    const std::vector<std::byte> src(256, std::byte{255});
    const std::vector<float> scale{1.0f};
    EmulatedConvolutionSpec spec;
    spec.shape = shape;
    spec.weights = weights;
    spec.weightScale = scale;
    spec.src = kernels::formatU8(1.0f);
    spec.dst = kernels::formatS32();
    const auto sum = [&](AccumulatorForm form, int bits) {
        spec.accumulator = form;
        spec.outlierBits = bits;
        return kernels::codeAt(run(spec, src), ElementType::S32, 0);
    };
    EXPECT_EQ(sum(AccumulatorForm::Exact, 8), 8290560);
    EXPECT_EQ(sum(AccumulatorForm::PairSaturating, 8), 4194176);
    EXPECT_EQ(sum(AccumulatorForm::Acc16, 8), 32767);
    EXPECT_EQ(sum(AccumulatorForm::Acc16, 7), 8290560); // 127 has more than 7 bits: summed apart
    // Widened after every pair, nothing but pairs saturates: 128 · 32767; after every 32 each of 8 sums does.
    spec.spillEvery = 2;
    EXPECT_EQ(sum(AccumulatorForm::Acc16, 8), 4194176);
    spec.spillEvery = 32;
    EXPECT_EQ(sum(AccumulatorForm::Acc16, 8), 8 * 32767);
}

/// 255 · 127 · 256 = 8290560, times 2^-16 · 0.75 / 1: m = 0.75 · 2^-16 is 94.87, a code of 95. With b bits
/// the multiplier is 0.75 · 2^(b−1) and the shift still that of 32 bits: 31 bits give 47.4, 30 bits 23.7.
TEST(EmulatedConvolution, FewerBitsOfTheMultiplierShrinkTheResult)
{
    kernels::ConvolutionShape shape;
    shape.spatialRank = 1;
    shape.srcChannels = 256;
    const std::vector<std::int32_t> weights(256, 127);
    const std::vector<std::byte> src(256, std::byte{255});
    const std::vector<float> scale{0x1.8p-17f};
    EmulatedConvolutionSpec spec;
    spec.shape = shape;
    spec.weights = weights;
    spec.weightScale = scale;
    spec.src = kernels::formatU8(1.0f);
    spec.dst = kernels::formatU8(1.0f);
    spec.requantization = kernels::RequantizationForm::Dnnlowp;
    const auto code = [&](int bits) {
        spec.factorBits = bits;
        return kernels::codeAt(run(spec, src), ElementType::U8, 0);
    };
    EXPECT_EQ(code(32), 95);
    EXPECT_EQ(code(31), 47);
    EXPECT_EQ(code(30), 24);
}

/// Shapes whose AVX2 kernels in oneDNN are direct ones.
std::vector<test::ConvolutionCase> avx2Cases()
{
    return {{"dense3x3", test::square(32, 32, 1, {8, 3, 1, 1})},
            {"first", test::square(3, 32, 1, {12, 3, 2, 1})},
            {"dense1x1", test::square(40, 32, 1, {7, 1})},
            {"odd", test::square(15, 17, 1, {7, 3, 1, 1})},
            {"depthwise", test::square(32, 32, 32, {8, 3, 1, 1})}};
}

/// Runs where oneDNN is capped to AVX2: prints what differs.
TEST(EmulatedAvx2, EqualsOneDnnUnderTheCap)
{
    if (!std::getenv("NOISEFLOOR_AVX2_CHILD")) {
        const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
        const auto child = io::runProcess({"env", "NOISEFLOOR_AVX2_CHILD=1", "ONEDNN_MAX_CPU_ISA=AVX2", self,
                                           "--gtest_filter=EmulatedAvx2.*"});
        EXPECT_EQ(child.exitCode, 0) << child.out << child.err;
        EXPECT_NE(child.out.find("compared under avx2"), std::string::npos) << child.out;
        return;
    }
    ASSERT_EQ(kernels::isaName(), "avx2");
    std::printf("compared under %s\n", kernels::isaName().c_str());
    for (const auto& [name, shape] : avx2Cases()) {
        for (const auto& src :
             {kernels::formatU8(0.02f), kernels::formatU8(0.02f, 9), kernels::formatS8(0.02f)}) {
            Example example(shape);
            example.spec.src = src;
            const bool depthwise = shape.groups == shape.srcChannels;
            example.spec.accumulator =
                AccumulatorForm::PairSaturating; // single products of a depthwise one always fit
            example.spec.halvedWeights = src.type == ElementType::S8;
            const std::vector<std::int8_t> narrow(example.weights.begin(), example.weights.end());
            kernels::QuantizedConvolutionSpec spec;
            spec.shape = shape;
            spec.weights = narrow;
            spec.weightScale = example.weightScale;
            spec.src = src;
            spec.dst = kernels::formatS32();
            const kernels::QuantizedConvolution real(spec, kernels::IntegerBackend::OneDnn);
            std::vector<std::byte> expected(static_cast<std::size_t>(shape.dstCount()) * 4);
            real.execute(example.src, expected);
            SaturationCounts counts{std::vector<std::int64_t>(static_cast<std::size_t>(shape.dstChannels)),
                                    std::vector<std::int64_t>(static_cast<std::size_t>(shape.dstChannels))};
            const auto emulated = run(example.spec, example.src, &counts);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < static_cast<std::size_t>(shape.dstCount()); ++i) {
                wrong += kernels::codeAt(expected, ElementType::S32, i)
                        != kernels::codeAt(emulated, ElementType::S32, i)
                    ? 1
                    : 0;
            }
            const auto saturated = std::accumulate(counts.pairs.begin(), counts.pairs.end(), std::int64_t{0});
            EXPECT_EQ(wrong, 0u) << name << " " << real.implementation() << " src type "
                                 << static_cast<int>(src.type) << " zero point " << src.zeroPoint
                                 << ", saturated pairs " << saturated << " of " << shape.dstCount();
            if (!depthwise && src.type == ElementType::U8) {
                EXPECT_GT(saturated, 0);
            }
        }
    }
}

TEST(EmulatedAvx2, MatrixProductsEqualOneDnnUnderTheCap)
{
    if (!std::getenv("NOISEFLOOR_AVX2_CHILD")) {
        GTEST_SKIP() << "runs in the child of EqualsOneDnnUnderTheCap";
    }
    for (const auto& src :
         {kernels::formatU8(0.02f), kernels::formatU8(0.02f, 9), kernels::formatS8(0.02f)}) {
        kernels::ConvolutionShape shape;
        shape.spatialRank = 1;
        shape.srcChannels = 70;
        shape.dstChannels = 33;
        shape.src[0] = shape.dst[0] = 5;
        Example example(shape);
        example.spec.src = src;
        example.spec.accumulator = AccumulatorForm::PairSaturating;
        example.spec.order = PairOrder::Contiguous;
        const std::vector<std::int8_t> narrow(example.weights.begin(), example.weights.end());
        kernels::QuantizedMatMulSpec spec;
        spec.shape.m = 5;
        spec.shape.k = 70;
        spec.shape.n = 33;
        spec.shape.transposedB = true;
        spec.b = std::as_bytes(std::span(narrow));
        spec.bScale = example.weightScale;
        spec.a = src;
        spec.dst = kernels::formatS32();
        const kernels::QuantizedMatMul real(spec, kernels::IntegerBackend::OneDnn);
        std::vector<std::byte> expected(5 * 33 * 4);
        real.execute(example.src, expected);
        const auto emulated = run(example.spec, example.src);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < 5 * 33; ++i) {
            wrong += kernels::codeAt(expected, ElementType::S32, i)
                    != kernels::codeAt(emulated, ElementType::S32, i)
                ? 1
                : 0;
        }
        EXPECT_EQ(wrong, 0u) << real.implementation() << " src type " << static_cast<int>(src.type)
                             << " zero point " << src.zeroPoint;
    }
}

} // namespace
