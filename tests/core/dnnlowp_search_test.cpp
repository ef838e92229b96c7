#include "core/calibration/dnnlowp_search.h"

#include "core/calibration/dnnlowp_params.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace {

using core::BinWindow;
using core::chooseDnnlowpParams;
using core::DnnlowpParams;
using core::FixedHistogram;
using core::Norm;
using core::Range;
using core::Scheme;

struct ParamsCase
{
    float min;
    float max;
    int bits;
    core::DnnlowpOptions options;
    float scale;
    int zeroPoint;
};

TEST(DnnlowpParams, GoldenValues)
{
    const core::DnnlowpOptions plain;
    const core::DnnlowpOptions symmetric{.symmetric = true};
    const core::DnnlowpOptions power{.powerOfTwoScale = true};
    const std::vector<ParamsCase> cases{
        {-1, 3, 8, plain, 0.0156862754f, 64},
        {-77, 178, 8, plain, 1.0f, 77},
        {0, 0, 8, plain, 0.1f, 0},
        {2, 5, 8, plain, 0.0196078438f, 0},
        {-5, -2, 8, plain, 0.0196078438f, 255},
        {-1, 3, 8, symmetric, 0.0236220472f, 128},
        {-4, 3, 8, symmetric, 0.03125f, 128},
        {1, 3, 8, symmetric, 0.0117647061f, 0},
        {-1, 3, 8, power, 0.03125f, 32},
        {-100, 300, 8, power, 2.0f, 50},
        {-0.001f, 0.002f, 8, plain, 6.1e-5f, 85},
        {0, 0.0001f, 8, plain, 6.1e-5f, 0},
        {-1, 3, 4, plain, 0.266666681f, 4},
        {-1, 3, 2, plain, 1.33333337f, 1},
        {-1, 3, 16, plain, 6.10360876e-05f, 16384},
    };
    for (const auto& c : cases) {
        const DnnlowpParams p = chooseDnnlowpParams(c.min, c.max, core::dnnlowpCodes(c.bits), c.options);
        EXPECT_EQ(p.scale, c.scale) << c.min << " … " << c.max << ", " << c.bits << " bits";
        EXPECT_EQ(p.zeroPoint, c.zeroPoint) << c.min << " … " << c.max << ", " << c.bits << " bits";
        EXPECT_EQ(p.precision, c.bits);
    }
    const DnnlowpParams p = chooseDnnlowpParams(-1, 3, core::dnnlowpCodes(8));
    EXPECT_NEAR(p.min(), -1.003922, 1e-6);
    EXPECT_NEAR(p.max(), 2.996078, 1e-6);
}

TEST(DnnlowpParams, SignedCodesOfSymmetricWeightsHaveZeroPointZero)
{
    EXPECT_EQ(chooseDnnlowpParams(-1, 3, {-128, 127}, {.symmetric = true}).zeroPoint, 0);
    // One-signed data are not centred: their zero point is an end of the range.
    EXPECT_EQ(chooseDnnlowpParams(1, 3, {-128, 127}, {.symmetric = true}).zeroPoint, -128);
}

TEST(DnnlowpParams, SixteenBitsLoseResolutionToTheSmallestScale)
{
    // A range of 3 is widened to 65535 · 6.1e-5.
    const auto codes = core::dnnlowpCodes(16);
    EXPECT_EQ(chooseDnnlowpParams(0, 3, codes).scale, core::kDnnlowpSmallestScale);
    EXPECT_LT(chooseDnnlowpParams(0, 3, codes, {.cutSmallScales = false}).scale, 4.6e-5f);
}

/// Histogram A of the golden table: 64 bins on [lowest, lowest + 8].
FixedHistogram histogramA(double lowest = -3.0)
{
    FixedHistogram h{lowest, 0.125, {}};
    for (int i = 0; i < 64; ++i) {
        h.counts.push_back(std::max(0, 400 - 4 * (i - 24) * (i - 24)) + (i >= 48 ? 2 : 0));
    }
    return h;
}

DnnlowpParams paramsOf(const Range& range, int bits, bool symmetric = false)
{
    return chooseDnnlowpParams(static_cast<float>(range.min), static_cast<float>(range.max),
                               core::dnnlowpCodes(bits), {.symmetric = symmetric});
}

struct NormCase
{
    Norm norm;
    int bits;
    Scheme scheme;
    BinWindow window;
    double error;
    float scale;
    int zeroPoint;
};

TEST(DnnlowpSearch, GoldenNormMinimization)
{
    const FixedHistogram h = histogramA();
    EXPECT_EQ(h.total(), 5352.0);
    const std::vector<NormCase> cases{
        {Norm::L2, 3, Scheme::Asymmetric, {16, 35}, 175.0575, 0.625f, 2},
        {Norm::L2, 4, Scheme::Asymmetric, {15, 42}, 53.95593, 0.35f, 3},
        {Norm::L2, 8, Scheme::Asymmetric, {15, 49}, 0.2553166, 0.0240196083f, 47},
        {Norm::L2, 8, Scheme::Symmetric, {-7, 63}, 6.004726, 0.0314960629f, 128},
        {Norm::L1, 3, Scheme::Asymmetric, {16, 17}, 468.984, 0.303571433f, 3},
        {Norm::L1, 4, Scheme::Asymmetric, {16, 18}, 285.7188, 0.15f, 7},
        {Norm::L1, 8, Scheme::Asymmetric, {15, 46}, 31.20792, 0.0225490201f, 50},
        {Norm::L1, 8, Scheme::Symmetric, {-7, 63}, 49.32803, 0.0314960629f, 128},
    };
    for (const auto& c : cases) {
        const auto choice = core::searchDnnlowpNorm(h, c.bits, c.scheme, c.norm);
        SCOPED_TRACE(testing::Message() << (c.norm == Norm::L1 ? "L1 " : "L2 ") << c.bits << " bits");
        EXPECT_EQ(choice.window.start, c.window.start);
        EXPECT_EQ(choice.window.bins, c.window.bins);
        EXPECT_NEAR(choice.error, c.error, 1e-6 * c.error);
        const auto p = paramsOf(core::rangeOf(h, choice.window), c.bits, c.scheme == Scheme::Symmetric);
        EXPECT_FLOAT_EQ(p.scale, c.scale);
        EXPECT_EQ(p.zeroPoint, c.zeroPoint);
    }
}

TEST(DnnlowpSearch, GoldenErrorsOfTheFullWindow)
{
    const FixedHistogram h = histogramA();
    EXPECT_NEAR(core::windowError(h, {0, 64}, 8, Norm::L2), 450.25, 1e-6);
    EXPECT_NEAR(core::windowError(h, {0, 64}, 16, Norm::L2), 112.75, 1e-6);
    EXPECT_NEAR(core::windowError(h, {0, 64}, 256, Norm::L2), 0.435546875, 1e-9);
    EXPECT_NEAR(core::windowError(h, {0, 64}, 8, Norm::L1), 1344, 1e-6);
    EXPECT_NEAR(core::windowError(h, {0, 64}, 16, Norm::L1), 674, 1e-6);
    EXPECT_NEAR(core::windowError(h, {0, 64}, 256, Norm::L1), 41.8125, 1e-9);
}

TEST(DnnlowpSearch, GoldenL2Approx)
{
    const FixedHistogram h = histogramA();
    struct Case
    {
        int bits, lo, hi;
        double error;
        float scale;
        int zeroPoint;
    };
    for (const Case& c : {Case{3, 15, 50, 177.0156, 0.642857134f, 2}, Case{4, 15, 56, 53.95593, 0.35f, 3},
                          Case{8, 15, 63, 0.2553165, 0.0240196083f, 47}}) {
        const auto choice = core::searchDnnlowpApprox(h, c.bits);
        EXPECT_EQ(choice.window.start, c.lo);
        EXPECT_EQ(choice.window.start + choice.window.bins - 1, c.hi);
        EXPECT_NEAR(choice.error, c.error, 1e-6 * c.error);
        EXPECT_FLOAT_EQ(paramsOf(core::rangeOf(h, choice.window), c.bits).scale, c.scale);
        EXPECT_EQ(paramsOf(core::rangeOf(h, choice.window), c.bits).zeroPoint, c.zeroPoint);
    }
}

TEST(PytorchSearch, GoldenValuesOfHistogramObserver)
{
    // From torch 1.13: HistogramObserver with these 64 counts and limits; 256 cells.
    for (const double lowest : {-3.0, -9.0, 0.5}) { // its search knows nothing of zero
        const FixedHistogram h = histogramA(lowest);
        const auto choice = core::searchQuantileShrink(h, 256);
        EXPECT_EQ(core::rangeOf(h, choice.window), (Range{lowest + 1.875, lowest + 8.0}));
        EXPECT_NEAR(choice.error, 0.2553165, 1e-7);
    }
    EXPECT_NEAR(core::windowError(histogramA(), {10, 31}, 256, Norm::L2), 124.178230, 1e-4);
    FixedHistogram laplace{-4.0, 0.125, {}};
    for (int i = 0; i < 64; ++i) {
        laplace.counts.push_back(std::nearbyint(1000.0 * std::exp(-std::abs(i - 30) / 8.0)));
    }
    EXPECT_EQ(core::rangeOf(laplace, core::searchQuantileShrink(laplace, 256).window), (Range{-4.0, 3.875}));
}

TEST(DnnlowpSearch, GoldenP99)
{
    const FixedHistogram h = histogramA();
    const BinWindow window = core::searchDnnlowpP99(h, 0.99);
    EXPECT_EQ(window, (BinWindow{15, 49 + 2 - 15}));
    const Range range = core::rangeOf(h, window);
    EXPECT_FLOAT_EQ(paramsOf(range, 3).scale, 0.642857134f);
    EXPECT_EQ(paramsOf(range, 3).zeroPoint, 2);
    EXPECT_FLOAT_EQ(paramsOf(range, 4).scale, 0.3f);
    EXPECT_EQ(paramsOf(range, 4).zeroPoint, 4);
    EXPECT_FLOAT_EQ(paramsOf(range, 8).scale, 0.0176470596f);
    EXPECT_EQ(paramsOf(range, 8).zeroPoint, 64);
    EXPECT_FLOAT_EQ(paramsOf(range, 8, true).scale, 0.0265748035f);
    EXPECT_EQ(paramsOf(range, 8, true).zeroPoint, 128);
}

TEST(DnnlowpSearch, GoldenMinMax)
{
    EXPECT_FLOAT_EQ(paramsOf({-3, 5}, 3).scale, 1.14285719f);
    EXPECT_EQ(paramsOf({-3, 5}, 3).zeroPoint, 3);
    EXPECT_FLOAT_EQ(paramsOf({-3, 5}, 4).scale, 0.533333361f);
    EXPECT_EQ(paramsOf({-3, 5}, 4).zeroPoint, 6);
    EXPECT_FLOAT_EQ(paramsOf({-3, 5}, 8).scale, 0.0313725509f);
    EXPECT_EQ(paramsOf({-3, 5}, 8).zeroPoint, 96);
    EXPECT_FLOAT_EQ(paramsOf({-3, 5}, 8, true).scale, 0.0393700786f);
    EXPECT_EQ(paramsOf({-3, 5}, 8, true).zeroPoint, 128);
}

TEST(DnnlowpSearch, GoldenKullbackLeibler)
{
    const FixedHistogram h = histogramA();
    const auto three = core::searchDnnlowpKl(h, 3);
    EXPECT_EQ(three.window, (BinWindow{14, 20}));
    EXPECT_NEAR(three.error, 0.01347456, 1e-8);
    const auto four = core::searchDnnlowpKl(h, 4);
    EXPECT_EQ(four.window, (BinWindow{2, 32}));
    EXPECT_NEAR(four.error, 0.009087850, 1e-9);
    // Upstream ends with its default precision, 8 bits, whatever was asked for.
    const auto p3 = paramsOf(core::dnnlowpKlRange(h, three.window), 8);
    EXPECT_FLOAT_EQ(p3.scale, 0.00980392192f);
    EXPECT_EQ(p3.zeroPoint, 121);
    const auto p4 = paramsOf(core::dnnlowpKlRange(h, four.window), 8);
    EXPECT_FLOAT_EQ(p4.scale, 0.0156862754f);
    EXPECT_EQ(p4.zeroPoint, 171);
}

TEST(DnnlowpSearch, LooksAtEveryWindowThatCanHaveTheSmallestDivergence)
{
    std::mt19937 generator(5);
    for (int round = 0; round < 60; ++round) {
        FixedHistogram h{-1.0, 2.0 / 48, std::vector<double>(48)};
        const double slope = 0.02 * static_cast<double>(generator() % 20);
        const auto most = static_cast<double>(1U << generator() % 18);
        for (int i = 0; i < 48; ++i) {
            const double height = most * std::exp(-slope * std::abs(i - 24)) * (generator() % 100) / 100.0;
            h.counts[static_cast<std::size_t>(i)] = generator() % 4 ? std::floor(height) : 0.0;
        }
        h.counts[24] += 1.0;
        for (const int precision : {3, 4, 8}) {
            core::WindowChoice best{{0, 48}, std::numeric_limits<double>::infinity()};
            for (int start = 0; start < 48; ++start) {
                for (int bins = 1; start + bins <= 48; ++bins) {
                    const double d = core::dnnlowpDivergence(h, {start, bins}, precision);
                    if (d < best.error) {
                        best = {{start, bins}, d};
                    }
                }
            }
            const auto found = core::searchDnnlowpKl(h, precision);
            EXPECT_EQ(found.window, best.window) << round << ", " << precision;
            EXPECT_EQ(found.error, best.error) << round << ", " << precision;
        }
    }
}

TEST(DnnlowpSearch, GoldenFaultOfTheSymmetricSearchOffTheCentre)
{
    const FixedHistogram h = core::paddedToZero(histogramA(-9.0));
    EXPECT_EQ(h.bins(), 72);
    const auto choice = core::searchDnnlowpNorm(h, 8, Scheme::Symmetric, Norm::L2);
    EXPECT_EQ(choice.window, (BinWindow{36, 72}));
    EXPECT_NEAR(choice.error, 12916.6, 0.05);
    EXPECT_EQ(core::rangeOf(h, choice.window), (Range{-4.5, 4.5}));
    EXPECT_FLOAT_EQ(paramsOf(core::rangeOf(h, choice.window), 8, true).scale, 0.0354330726f);
    EXPECT_EQ(paramsOf(core::rangeOf(h, choice.window), 8, true).zeroPoint, 128);
}

TEST(DnnlowpSearch, AHistogramWithoutWidthKeepsAll)
{
    const FixedHistogram h{2.0, 0.0, std::vector<double>(16)};
    EXPECT_EQ(core::searchDnnlowpNorm(h, 8, Scheme::Asymmetric, Norm::L2).window, (BinWindow{0, 16}));
    EXPECT_EQ(core::searchDnnlowpApprox(h, 8).window, (BinWindow{0, 16}));
}

TEST(FixedHistogram, PaddingReachesZero)
{
    const FixedHistogram up = core::paddedToZero({1.0, 0.75, {1, 2}});
    EXPECT_EQ(up.lowest, -0.5);
    EXPECT_EQ(up.counts, (std::vector<double>{0, 0, 1, 2}));
    const FixedHistogram down = core::paddedToZero({-3.0, 1.0, {1, 2}});
    EXPECT_EQ(down.counts, (std::vector<double>{1, 2, 0}));
    EXPECT_EQ(down.highest(), 0.0);
}

TEST(FixedHistogram, RebinningKeepsTheTotalAndNestedBinsExactly)
{
    std::mt19937 generator(2);
    std::normal_distribution<float> normal;
    std::vector<float> values(5000);
    std::ranges::generate(values, [&] { return std::clamp(normal(generator), -3.9f, 3.9f); });
    values[0] = 0.0f;
    const auto s = core::statisticsOf(values, {0, 1});
    const FixedHistogram nested = core::rebinned(s, {-4, 4}, 64);
    for (int bin = 0; bin < 64; ++bin) {
        const auto exact = std::ranges::count_if(
            values, [&](float v) { return v >= nested.edge(bin) && v < nested.edge(bin + 1); });
        EXPECT_EQ(nested.counts[static_cast<std::size_t>(bin)], static_cast<double>(exact));
    }
    const FixedHistogram odd = core::rebinned(s, {s.total.min, s.total.max}, 2048);
    EXPECT_NEAR(odd.total(), 5000.0, 1e-6);
    EXPECT_GE(*std::ranges::min_element(odd.counts), 0.0);
}

TEST(WindowErrors, EqualTheDirectSumOnRandomHistograms)
{
    std::mt19937 generator(6);
    for (int round = 0; round < 200; ++round) {
        FixedHistogram h{-1.0, 0.01, std::vector<double>(20 + generator() % 100)};
        for (double& c : h.counts) {
            c = generator() % 3 == 0 ? generator() % 1000 : 0;
        }
        for (const int cells : {1, 2, 3, 16, 256}) {
            const int start = static_cast<int>(generator() % 60) - 20;
            const BinWindow window{start, 1 + static_cast<int>(generator() % 80)};
            for (const Norm norm : {Norm::L1, Norm::L2}) {
                const double direct = core::windowError(h, window, cells, norm);
                const double fast =
                    core::WindowErrors(h, cells, norm).error(window, std::numeric_limits<double>::infinity());
                EXPECT_NEAR(fast, direct, 1e-9 * direct + 1e-9);
            }
        }
    }
}

} // namespace
