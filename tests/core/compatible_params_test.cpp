#include "core/params/compatible_params.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using core::Scheme;

TEST(PowerOfTwoParams, RoundTheScaleUp)
{
    const auto p = core::choosePowerOfTwoParams({-1, 3}, Scheme::Asymmetric, 8);
    EXPECT_EQ(p.scale[0], 0.03125f);
    EXPECT_EQ(p.zeroPoint[0], 32);
    const auto q = core::choosePowerOfTwoParams({-100, 300}, Scheme::Asymmetric, 8);
    EXPECT_EQ(q.scale[0], 2.0f);
    EXPECT_EQ(q.zeroPoint[0], 50);
    // 127 · 2^-3: a power of two already.
    EXPECT_EQ(core::choosePowerOfTwoParams({-15.875, 1}, Scheme::Symmetric, 8).scale[0], 0.125f);
    EXPECT_EQ(core::choosePowerOfTwoParams({-16, 1}, Scheme::Symmetric, 8).scale[0], 0.25f);
    EXPECT_TRUE(std::isfinite(core::choosePowerOfTwoParams({-3e38, 3e38}, Scheme::Symmetric, 2).scale[0]));
}

TEST(PytorchParams, GoldenAffine)
{
    const auto p = core::choosePytorchParams({0.5, 2.0}, Scheme::Asymmetric, {});
    EXPECT_EQ(p.scale[0], static_cast<float>(2.0 / 255));
    EXPECT_EQ(p.zeroPoint[0], 0);
    const auto reduced = core::choosePytorchParams({0.5, 2.0}, Scheme::Asymmetric, {.reduceRange = true});
    EXPECT_EQ(reduced.scale[0], static_cast<float>(2.0 / 127));
    EXPECT_EQ(reduced.codes, (core::CodeRange{0, 127}));
    // Our own 7 bits are the same.
    EXPECT_EQ(core::chooseActivationParams({0.5, 2.0}, Scheme::Asymmetric, 7).scale, reduced.scale);
}

TEST(PytorchParams, GoldenSymmetric)
{
    const auto p = core::choosePytorchParams({-2.0, 1.0}, Scheme::Symmetric, {.isSigned = true});
    EXPECT_EQ(p.scale[0], static_cast<float>(2.0 / 127.5));
    EXPECT_EQ(p.zeroPoint[0], 0);
    const auto reduced =
        core::choosePytorchParams({-2.0, 1.0}, Scheme::Symmetric, {.isSigned = true, .reduceRange = true});
    EXPECT_EQ(reduced.scale[0], static_cast<float>(2.0 / 63.5));
    EXPECT_EQ(reduced.codes, (core::CodeRange{-64, 63}));
    EXPECT_EQ(core::choosePytorchParams({-2.0, 1.0}, Scheme::Symmetric, {}).zeroPoint[0], 128);
}

TEST(PytorchParams, TheStepHasAFloor)
{
    EXPECT_FLOAT_EQ(core::choosePytorchParams({0.0, 0.0}, Scheme::Asymmetric, {}).scale[0], 1.1920929e-07f);
}

TEST(MxnetNumbers, GoldenValues)
{
    EXPECT_EQ(core::mxnetScale({-1, 2}, false), 63.75);
    EXPECT_EQ(core::mxnetScale({0, 2}, true), 127.75);
    EXPECT_EQ(core::mxnetScale({0, 0}, true), 2147483647.0);
    EXPECT_NEAR(core::mxnetRequantizeFactor(1000, 4, false), 1.47847e-5, 5e-11);
    EXPECT_NEAR(core::mxnetRequantizeFactor(1000, 4, false) * 127.5 / 127, 1.48430e-5, 5e-11);
    EXPECT_NEAR(core::mxnetWeightScaleLimit(10, 63.75), 1.684e6, 1e3);
    EXPECT_NEAR(127.5 / core::mxnetWeightScaleLimit(10, 63.75), 7.57e-5, 5e-8);
    EXPECT_EQ(core::mxnetWeightScaleLimit(0, 63.75), std::numeric_limits<double>::infinity());
    EXPECT_EQ(core::mxnetStoredBound(3e-7), 0.0);
    EXPECT_EQ(core::mxnetStoredBound(1.23456789), 1.234568);
}

} // namespace
