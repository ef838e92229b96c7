// DNNLOWP's sums and group normalization, by hand.
#include "kernels/emulated/dnnlowp_normalization.h"
#include "kernels/emulated/intermediate_sum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> codes)
{
    Bytes result;
    for (const int code : codes) {
        result.push_back(static_cast<std::byte>(code));
    }
    return result;
}

// Operands at 0.5 and 0.25, both with zero point 0; common codes of 4 bits at 8.5 (127.5 / 15), zero point 0.
// 255·0.5 = 127.5 → 15;  9·0.5 = 4.5 → 0.529 → 1;  8·0.5 = 4.0 → 0.47 → 0.
// 255·0.25 = 63.75 → 7.5 → 8 (tie to even);  68·0.25 = 17 → 2.
// Result at 1.7 with zero point 3, so a common code is worth 5: 15 + 8 → 115 + 3 = 118; 1 + 2 → 18;
// 0 + 8 → 43. Exactly added: 191.25, 21.5 and 67.75, in codes 115.5, 15.6 and 42.9.
TEST(SumThrough, RoundsEveryOperandToTheCommonCodes)
{
    const Bytes a = bytes({255, 9, 8});
    const Bytes b = bytes({255, 68, 255});
    const kernels::SumIntermediate through{8.5f, 0, 4};
    const kernels::IntermediateOperand operands[] = {{a, kernels::formatU8(0.5f)},
                                                     {b, kernels::formatU8(0.25f)}};
    Bytes dst(3);
    kernels::sumThrough(through, operands, dst, kernels::formatU8(1.7f, 3));
    EXPECT_EQ(dst, bytes({118, 18, 43}));
}

// Real 0 is the zero point of every format: common code 8, 5 codes below it saturate at 0. A lowest code of
// the result's zero point is a fused Relu.
// a at 1: −9 → common −9 → 8 − 9 saturates to 0 → −8;  2 → 2.  b at 1: 1 → 1.
// −8 + 1 = −7 → 10 − 7 = 3;  2 + 1 = 3 → 13. With the Relu: 10 and 13.
TEST(SumThrough, SaturatesInTheCommonCodesAndCutsAtItsLowestCode)
{
    const Bytes a = bytes({1, 12});
    const Bytes b = bytes({21, 21});
    const kernels::SumIntermediate through{1.0f, 8, 4};
    const kernels::IntermediateOperand operands[] = {{a, kernels::formatU8(1.0f, 10)},
                                                     {b, kernels::formatU8(1.0f, 20)}};
    Bytes dst(2);
    auto format = kernels::formatU8(1.0f, 10);
    kernels::sumThrough(through, operands, dst, format);
    EXPECT_EQ(dst, bytes({3, 13}));
    format.lowest = format.zeroPoint;
    kernels::sumThrough(through, operands, dst, format);
    EXPECT_EQ(dst, bytes({10, 13}));
}

TEST(SumThrough, EqualsItsTwin)
{
    std::mt19937 random(5);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_real_distribution<float> scale(0.001f, 0.1f);
    for (int round = 0; round < 40; ++round) {
        std::vector<Bytes> codes(static_cast<std::size_t>(1 + round % 4), Bytes(101));
        std::vector<kernels::IntermediateOperand> operands;
        for (Bytes& each : codes) {
            for (std::byte& b : each) {
                b = static_cast<std::byte>(byte(random));
            }
            operands.push_back({each,
                                round % 2 ? kernels::formatU8(scale(random), byte(random))
                                          : kernels::formatS8(scale(random), byte(random) - 128)});
        }
        const int bits = 2 + round % 15;
        const kernels::SumIntermediate through{20.0f / static_cast<float>(1 << bits), 1 << (bits - 1), bits};
        const auto dst = kernels::formatU8(scale(random), byte(random));
        Bytes fast(101);
        Bytes twin(101);
        kernels::sumThrough(through, operands, fast, dst);
        kernels::referenceSumThrough(through, operands, twin, dst);
        EXPECT_EQ(fast, twin) << round;
    }
}

/// Min-max over 8 bits with zero in the range, as DNNLOWP chooses it.
float scaleOfBytes(float min, float max) { return (std::max(max, 0.0f) - std::min(min, 0.0f)) / 255.0f; }

kernels::DnnlowpNormalization twoChannels()
{
    kernels::DnnlowpNormalization how;
    how.channels = 2;
    how.groups = 1;
    how.plane = 2;
    how.epsilon = 0.0f;
    how.gamma = {1.0f, 0.4f};
    how.beta = {0.0f, 1.0f};
    how.src = kernels::formatU8(0.5f, 10);
    how.dst = kernels::formatU8(0.02f, 128);
    how.scaleOf = scaleOfBytes;
    return how;
}

// Codes 10 12 14 16 of scale 0.5: mean 13, a code; variance (696/4 − 169)·0.25 = 1.25; 1/σ = 0.894427 is code
// 255 of scale 0.894427/255. γ: codes 255 and 102 of scale 1/255. β: 1 / (0.5/255) = 510, times 255/0.894427
// = 145400. Factors 255·255 = 65025 and 102·255 = 26010; addends −65025·13 = −845325 and 145400 − 26010·13 =
// −192730. In codes of the result a unit is 0.894427/255/255·0.5/0.02 = 3.43879e-4:
//   (65025·10 − 845325) → −67.08 → 61;  (65025·12 − 845325) → −22.36 → 106
//   (26010·14 − 192730) → 58.94 → 187;  (26010·16 − 192730) → 76.83 → 205
// which is γ·(x − mean)/σ + β to half a code.
TEST(DnnlowpNormalization, OfAMeanThatIsACodeIsNearlyExact)
{
    Bytes dst(4);
    kernels::normalizeFixedPoint(twoChannels(), bytes({10, 12, 14, 16}), dst);
    EXPECT_EQ(dst, bytes({61, 106, 187, 205}));
}

// Codes 12 13 14 15: mean 13.5 is rounded to 14 (away from zero); variance (734/4 − 182.25)·0.25 = 0.3125;
// 1/σ = 1.788854, a unit 6.87757e-4. β: 510·255/1.788854 = 72700, addends −65025·14 and 72700 − 26010·14:
//   65025·(12 − 14) → −89.44 → 39;  65025·(13 − 14) → −44.72 → 83
//   72700 → 50.00 → 178;  26010 + 72700 → 67.89 → 196
// Exact: −67.1 and −22.4 codes for the first channel: half a code of x is 22 of y.
TEST(DnnlowpNormalization, RoundsTheMeanToACode)
{
    Bytes dst(4);
    kernels::normalizeFixedPoint(twoChannels(), bytes({12, 13, 14, 15}), dst);
    EXPECT_EQ(dst, bytes({39, 83, 178, 196}));
}

// Two items whose 1/σ are 0.894427 and 1.788854: one scale for both, 1.788854/255, so the first is code
// 127.5, rounded to 128 or 127: 0.4 % of the slope either way.
TEST(DnnlowpNormalization, SharesOneScaleAmongAllGroups)
{
    Bytes dst(8);
    kernels::normalizeFixedPoint(twoChannels(), bytes({10, 12, 14, 16, 12, 13, 14, 15}), dst);
    EXPECT_NEAR(static_cast<int>(dst[0]), 61, 1);
    EXPECT_EQ(Bytes(dst.begin() + 4, dst.end()), bytes({39, 83, 178, 196}));
}

} // namespace
