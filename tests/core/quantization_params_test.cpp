#include "core/params/quantization_params.h"

#include "core/params/kernel_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using core::chooseActivationParams;
using core::Scheme;

TEST(QuantizationParams, NonNegativeDataUseEveryUnsignedCode)
{
    const auto p = chooseActivationParams({0.5, 2.0}, Scheme::Asymmetric, 8);
    EXPECT_EQ(p.type, core::DataType::UInt8);
    EXPECT_EQ(p.scale, std::vector<float>{static_cast<float>(2.0 / 255)});
    EXPECT_EQ(p.zeroPoint, std::vector<std::int32_t>{0});
    EXPECT_NEAR(p.range().max, 2.0, 1e-6);
}

TEST(QuantizationParams, StraddlingDataRepresentZeroExactly)
{
    const auto p = chooseActivationParams({-1.0, 3.0}, Scheme::Asymmetric, 8);
    EXPECT_FLOAT_EQ(p.scale[0], 4.0f / 255.0f);
    EXPECT_EQ(p.zeroPoint[0], 64); // 63.75
    EXPECT_NEAR(p.range().min, -64.0 * 4.0 / 255.0, 1e-6);
}

TEST(QuantizationParams, NegativeDataPutTheZeroPointAtTheTop)
{
    EXPECT_EQ(chooseActivationParams({-5.0, -2.0}, Scheme::Asymmetric, 8).zeroPoint[0], 255);
}

TEST(QuantizationParams, TheZeroPointRoundsHalfToEven)
{
    // Scale 1: −min is the zero point.
    EXPECT_EQ(chooseActivationParams({-0.5, 254.5}, Scheme::Asymmetric, 8).zeroPoint[0], 0);
    EXPECT_EQ(chooseActivationParams({-1.5, 253.5}, Scheme::Asymmetric, 8).zeroPoint[0], 2);
}

TEST(QuantizationParams, SymmetricCodesLeaveOutTheLowestOne)
{
    const auto p = chooseActivationParams({-1.0, 3.0}, Scheme::Symmetric, 8);
    EXPECT_EQ(p.type, core::DataType::Int8);
    EXPECT_EQ(p.codes, (core::CodeRange{-127, 127}));
    EXPECT_EQ(p.scale[0], static_cast<float>(3.0 / 127));
    EXPECT_EQ(p.zeroPoint[0], 0);
}

TEST(QuantizationParams, OtherBitsHaveOtherCodes)
{
    EXPECT_EQ(chooseActivationParams({0.0, 1.0}, Scheme::Asymmetric, 4).codes, (core::CodeRange{0, 15}));
    EXPECT_EQ(chooseActivationParams({0.0, 1.0}, Scheme::Symmetric, 2).codes, (core::CodeRange{-1, 1}));
    EXPECT_EQ(chooseActivationParams({0.0, 1.0}, Scheme::Asymmetric, 16).type, core::DataType::UInt16);
    EXPECT_EQ(chooseActivationParams({0.0, 1.0}, Scheme::Symmetric, 12).type, core::DataType::Int16);
}

TEST(QuantizationParams, DegenerateRangesGiveUsableScales)
{
    for (const Scheme scheme : {Scheme::Asymmetric, Scheme::Symmetric}) {
        EXPECT_EQ(chooseActivationParams({0.0, 0.0}, scheme, 8).scale[0], 1.0f);
        for (const double m : {1e-45, 1e-38, 3.4e38}) {
            for (const core::Range range : {core::Range{-m, m}, core::Range{0.0, m}, core::Range{-m, 0.0}}) {
                const auto p = chooseActivationParams(range, scheme, 8);
                EXPECT_TRUE(std::isfinite(p.scale[0]));
                EXPECT_TRUE(std::isfinite(1.0f / p.scale[0]));
                EXPECT_GE(p.scale[0], core::kSmallestScale);
            }
        }
    }
}

TEST(QuantizationParams, RoundedGivesCodesAndTheRealsThatTheyStandFor)
{
    for (const core::DataType type : {core::DataType::UInt8, core::DataType::Int8, core::DataType::Int16}) {
        for (const auto rounding : {core::Rounding::HalfEven, core::Rounding::Dnnlowp}) {
            core::QuantizationParams params;
            params.scale = {0.03f};
            params.zeroPoint = {type == core::DataType::UInt8 ? 100 : -3};
            params.type = type;
            params.codes = {type == core::DataType::UInt8 ? 0 : -127,
                            type == core::DataType::UInt8 ? 255 : 127};
            params.rounding = rounding;
            std::vector<float> values(9001); // more than two blocks and a rest
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = static_cast<float>(i) * 0.0013f - 6.0f;
            }
            const core::Tensor real = core::makeTensor<float>({9001}, values);
            const core::RoundedTensor both = core::rounded(real, params);
            const core::Tensor codes = core::quantized(real, params);
            const core::Tensor reals = core::dequantized(codes, params);
            EXPECT_TRUE(std::ranges::equal(core::bytesOf(both.codes), core::bytesOf(codes)));
            EXPECT_TRUE(std::ranges::equal(core::bytesOf(both.reals), core::bytesOf(reals)));
        }
    }
}

} // namespace
