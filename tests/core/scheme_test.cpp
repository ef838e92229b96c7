#include "core/quantization/scheme.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace {

core::ActivationSettings activation(core::Scheme scheme, int bits)
{
    core::ActivationSettings settings;
    settings.scheme = scheme;
    settings.bits = bits;
    return settings;
}

core::WeightSettings weight(core::Scheme scheme, int bits)
{
    core::WeightSettings settings;
    settings.scheme = scheme;
    settings.bits = bits;
    return settings;
}

TEST(ActivationParams, KeepTheWidthAndLoseOneBitWhenReduced)
{
    auto settings = activation(core::Scheme::Asymmetric, 12);
    EXPECT_EQ(core::activationParams({0.0, 4095.0}, settings, core::Provenance::Signed).codes,
              (core::CodeRange{0, 4095}));
    EXPECT_EQ(core::activationParams({0.0, 4095.0}, settings, core::Provenance::Signed).type,
              core::DataType::UInt16);
    settings.bits = 8;
    settings.reduceRange = true;
    EXPECT_EQ(core::activationParams({0.0, 1.0}, settings, core::Provenance::Signed).codes,
              (core::CodeRange{0, 127}));
    settings.bits = 2;
    EXPECT_THROW((void)core::activationParams({0.0, 1.0}, settings, core::Provenance::Signed), core::Error);
}

// MXNet: range [−1, 2] as s8 has the multiplicative scale 63.75, range [0, 2] as u8 127.75 (reference,
// section 5).
TEST(ActivationParams, MxnetHasHalfIntegerDivisors)
{
    auto settings = activation(core::Scheme::Asymmetric, 8);
    settings.convention = core::Convention::Mxnet;
    const auto negative = core::activationParams({-1.0, 2.0}, settings, core::Provenance::Signed);
    EXPECT_EQ(negative.type, core::DataType::Int8);
    EXPECT_FLOAT_EQ(negative.scale[0], static_cast<float>(1.0 / 63.75));
    const auto positive = core::activationParams({0.0, 2.0}, settings, core::Provenance::Signed);
    EXPECT_EQ(positive.type, core::DataType::UInt8);
    EXPECT_FLOAT_EQ(positive.scale[0], static_cast<float>(1.0 / 127.75));
    EXPECT_EQ(positive.zeroPoint[0], 0);
    settings.bits = 4;
    EXPECT_THROW((void)core::activationParams({0.0, 2.0}, settings, core::Provenance::Signed), core::Error);
}

TEST(ActivationParams, ProvenanceDecidesTheSignWhateverTheData)
{
    auto settings = activation(core::Scheme::Asymmetric, 8);
    settings.sign = core::Signedness::ByProvenance;
    const auto input = core::activationParams({0.0, 2.0}, settings, core::Provenance::Signed);
    EXPECT_EQ(input.type, core::DataType::Int8); // a bit is wasted, as in Paddle
    EXPECT_EQ(input.zeroPoint[0], 0);
    EXPECT_EQ(core::activationParams({0.0, 2.0}, settings, core::Provenance::Unsigned).type,
              core::DataType::UInt8);
}

// dnnlowp.md 13.1 through the plan's settings: −1…3 at 4 bits is 0.266666681 / 4, with power-of-two scales at
// 8 bits 0.03125 / 32.
TEST(ActivationParams, DnnlowpChoosesAsFbgemmDoes)
{
    auto settings = activation(core::Scheme::Asymmetric, 4);
    settings.convention = core::Convention::Dnnlowp;
    auto params = core::activationParams({-1.0, 3.0}, settings, core::Provenance::Signed);
    EXPECT_FLOAT_EQ(params.scale[0], 0.266666681f);
    EXPECT_EQ(params.zeroPoint[0], 4);
    settings.bits = 8;
    settings.powerOfTwo = true;
    params = core::activationParams({-1.0, 3.0}, settings, core::Provenance::Signed);
    EXPECT_EQ(params.scale[0], 0.03125f);
    EXPECT_EQ(params.zeroPoint[0], 32);
}

TEST(WeightParams, FullRangeUsesTheCodeBelow)
{
    auto settings = weight(core::Scheme::Symmetric, 8);
    EXPECT_EQ(core::weightParams({-2.0, 1.0}, settings).codes, (core::CodeRange{-127, 127}));
    settings.range = core::WeightRange::Full;
    const auto full = core::weightParams({-2.0, 1.0}, settings);
    EXPECT_EQ(full.codes, (core::CodeRange{-128, 127}));
    EXPECT_FLOAT_EQ(full.scale[0], 2.0f / 128.0f);
    EXPECT_FLOAT_EQ(core::weightParams({-1.0, 2.0}, settings).scale[0], 2.0f / 127.0f); // nothing clips
}

TEST(WeightParams, AsymmetricSpansTheRangeAndKeepsZero)
{
    const auto params = core::weightParams({-1.0, 3.0}, weight(core::Scheme::Asymmetric, 8));
    EXPECT_FLOAT_EQ(params.scale[0], 4.0f / 255.0f);
    EXPECT_EQ(params.zeroPoint[0], -128 + 64);
    const auto positive = core::weightParams({1.0, 3.0}, weight(core::Scheme::Asymmetric, 4));
    EXPECT_EQ(positive.zeroPoint[0], -8); // widened to contain 0
}

TEST(WeightParams, ScalesBecomePowersOfTwoAndFollowTheBias)
{
    auto settings = weight(core::Scheme::Symmetric, 8);
    settings.powerOfTwo = true;
    EXPECT_EQ(core::weightParams({-1.0, 1.0}, settings).scale[0], 1.0f / 64.0f); // 1/127 rounded up
    settings.powerOfTwo = false;
    EXPECT_EQ(core::weightParams({-1.0, 1.0}, settings, 0.5).scale[0], 0.5f);
    auto asymmetric = weight(core::Scheme::Asymmetric, 8);
    EXPECT_EQ(core::weightParams({-1.0, 3.0}, asymmetric, 0.5).zeroPoint[0], -126); // −128 + 1 / 0.5
}

// PyTorch: A = 2 as qint8 gives 2/127.5, reduced to 7 bits 2/63.5 (reference, section 5).
TEST(WeightParams, PytorchHasHalfIntegerDivisors)
{
    auto settings = weight(core::Scheme::Symmetric, 8);
    settings.convention = core::Convention::Pytorch;
    EXPECT_FLOAT_EQ(core::weightParams({-2.0, 1.0}, settings).scale[0], static_cast<float>(2.0 / 127.5));
    settings.reduceRange = true;
    EXPECT_FLOAT_EQ(core::weightParams({-2.0, 1.0}, settings).scale[0], static_cast<float>(2.0 / 63.5));
}

// DNNLOWP shifts unsigned params: one-signed symmetric weights keep their zero point at an end, not at 0.
TEST(WeightParams, DnnlowpShiftsUnsignedParams)
{
    auto settings = weight(core::Scheme::Symmetric, 8);
    settings.convention = core::Convention::Dnnlowp;
    EXPECT_EQ(core::weightParams({-1.0, 3.0}, settings).zeroPoint[0], 0);
    EXPECT_EQ(core::weightParams({1.0, 3.0}, settings).zeroPoint[0], -128);
    EXPECT_EQ(core::weightParams({-1.0, 3.0}, settings).codes, (core::CodeRange{-128, 127}));
}

} // namespace
