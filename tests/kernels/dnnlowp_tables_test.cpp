#include "kernels/emulated/dnnlowp_tables.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <iterator>
#include <vector>

namespace {

/// dnnlowp.md 13.3: magnitudes 0…126, then 127 twice.
std::vector<int> goldenMagnitudes()
{
    std::vector<int> magnitudes{0,   3,   6,   9,   12,  15,  18,  21,  24,  27,  29,  32,  35,  38,  41,
                                43,  46,  48,  51,  53,  56,  58,  61,  63,  65,  67,  69,  72,  74,  76,
                                77,  79,  81,  83,  85,  86,  88,  89,  91,  92,  94,  95,  96,  98,  99,
                                100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 109, 110, 111, 112, 112,
                                113, 114, 114, 115, 115, 116, 116, 117, 117, 118, 118, 118, 119, 119, 120,
                                120, 120, 120, 121, 121, 121, 122, 122, 122, 122};
    std::fill_n(std::back_inserter(magnitudes), 6, 123);
    std::fill_n(std::back_inserter(magnitudes), 7, 124);
    std::fill_n(std::back_inserter(magnitudes), 11, 125);
    std::fill_n(std::back_inserter(magnitudes), 18, 126);
    magnitudes.push_back(127);
    magnitudes.push_back(127);
    return magnitudes;
}

TEST(DnnlowpTables, GoldenTanh)
{
    const auto magnitudes = goldenMagnitudes();
    ASSERT_EQ(magnitudes.size(), 129u);
    const auto table = kernels::dnnlowpTanhTable();
    for (int i = 0; i <= 128; ++i) {
        const int golden = magnitudes[static_cast<std::size_t>(i)];
        EXPECT_EQ(table[static_cast<std::size_t>(128 - i)], 128 - golden) << i;
        if (i < 128) {
            EXPECT_EQ(table[static_cast<std::size_t>(128 + i)], 128 + golden) << i;
        }
    }
}

// Upstream's own tolerances: 0.02 and 0.01 absolute.
TEST(DnnlowpTables, LieWithinUpstreamsTolerances)
{
    const auto tanh = kernels::dnnlowpTanhTable();
    const auto sigmoid = kernels::dnnlowpSigmoidTable();
    for (int q = 0; q < 256; ++q) {
        const auto k = static_cast<std::size_t>(q);
        EXPECT_NEAR((tanh[k] - 128) / 127.0, std::tanh(3.0 / 127.0 * (q - 128)), 0.02) << q;
        EXPECT_NEAR(0.5 / 127.0 * sigmoid[k], 1.0 / (1.0 + std::exp(-6.0 / 127.0 * (q - 128))), 0.01) << q;
        EXPECT_EQ(sigmoid[k] + 1, tanh[k]);
    }
}

} // namespace
