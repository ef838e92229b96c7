#include "core/execution/low_float.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace {

using Kind = core::Precision::Kind;

std::uint32_t patternOf(Kind kind, std::uint32_t pattern)
{
    return std::bit_cast<std::uint32_t>(
        core::roundedTo(core::Precision{kind, 16}, std::bit_cast<float>(pattern)));
}

// DNNLOWP keeps the top bits of the FP32 pattern; only BFP_16_ROUND rounds, half away from zero.
TEST(LowFloat, FakeFormsCutThePattern)
{
    const std::uint32_t x = 0x3f9e'8765; // 1.2385…
    EXPECT_EQ(patternOf(Kind::FakeBfp14, x), 0x3f9c'0000u);
    EXPECT_EQ(patternOf(Kind::FakeBfp16, x), 0x3f9e'0000u);
    EXPECT_EQ(patternOf(Kind::FakeBfp24, x), 0x3f9e'8700u);
    EXPECT_EQ(patternOf(Kind::FakeBfp16Round, x), 0x3f9f'0000u);
    EXPECT_EQ(patternOf(Kind::FakeBfp16Round, 0x3f9e'8000), 0x3f9f'0000u); // a tie goes away from zero
    EXPECT_EQ(patternOf(Kind::FakeBfp16Round, 0xbf9e'8000), 0xbf9f'0000u);
    EXPECT_EQ(patternOf(Kind::Bf16, 0x3f9e'8000), 0x3f9e'0000u); // bf16 rounds a tie to even
    EXPECT_EQ(patternOf(Kind::Fp32, x), x);
}

TEST(LowFloat, Fp16OverflowsToInfinity)
{
    EXPECT_EQ(core::roundedTo(core::Precision{Kind::FakeFp16, 16}, 65536.0f),
              std::numeric_limits<float>::infinity());
    EXPECT_EQ(core::roundedTo(core::Precision{Kind::Fp16, 16}, 1.0f + 1.0f / 2048.0f), 1.0f); // tie to even
}

// The whole tensor through the vectorized loop equals value by value.
TEST(LowFloat, TensorsRoundAsValuesDo)
{
    std::vector<float> values;
    for (int i = 0; i < 37; ++i) {
        values.push_back(std::sin(static_cast<float>(i)) * 3.0f);
    }
    const core::Tensor tensor = core::makeTensor<float>({37}, std::span<const float>(values));
    for (const Kind kind : {Kind::Bf16, Kind::Fp16, Kind::FakeFp16, Kind::FakeBfp14, Kind::FakeBfp16,
                            Kind::FakeBfp16Round, Kind::FakeBfp24}) {
        const core::Tensor rounded = core::roundedTo(core::Precision{kind, 16}, tensor);
        const auto result = rounded.as<float>();
        bool changed = false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_EQ(result[i], core::roundedTo(core::Precision{kind, 16}, values[i]));
            changed = changed || result[i] != values[i];
        }
        EXPECT_TRUE(changed) << static_cast<int>(kind);
    }
}

} // namespace
