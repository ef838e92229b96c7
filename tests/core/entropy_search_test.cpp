#include "core/calibration/divergence_estimate.h"
#include "core/calibration/entropy_ort.h"
#include "core/calibration/entropy_search.h"
#include "core/calibration/paddle_search.h"
#include "core/calibration/symmetric_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace {

using core::EntropyForm;
using core::FixedHistogram;
using core::searchEntropy;

std::vector<float> normalValues(std::size_t count, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(generator); });
    return values;
}

core::TensorStatistics statisticsOf(std::span<const float> values)
{
    return core::statisticsOf(values, {0, 1});
}

TEST(Smoothing, GoldenVector)
{
    std::vector<double> v{4, 0, 0, 4};
    ASSERT_TRUE(core::smoothDistribution(v));
    EXPECT_EQ(v, (std::vector<double>{3.9999, 0.0001, 0.0001, 3.9999}));
}

TEST(Smoothing, FailsWhereNothingIsLeftToTakeFrom)
{
    std::vector<double> empty(5, 0.0);
    EXPECT_FALSE(core::smoothDistribution(empty));
    std::vector<double> sparse(20001, 0.0); // one value would lose 1e-4 · 20000
    sparse[7] = 100.0;
    EXPECT_FALSE(core::smoothDistribution(sparse));
    EXPECT_EQ(sparse[7], 100.0);
}

TEST(SymmetricHistogram, GoldenGrowth)
{
    core::SymmetricHistogram h(8001);
    h.add(std::vector{1.0f, -0.5f});
    EXPECT_EQ(h.histogram().bins(), 8001);
    EXPECT_EQ(h.threshold(), 1.0);
    h.add(std::vector{2.5f});
    EXPECT_EQ(h.histogram().bins(), 20003); // 6001 more on each side
    EXPECT_NEAR(h.threshold(), 2.5000625, 1e-7);
    EXPECT_EQ(h.histogram().total(), 3.0);
    h.add(std::vector{0.0f});
    EXPECT_EQ(h.histogram().counts[10001], 1.0); // one bin is centred on zero
}

TEST(EntropySearch, GoldenSmallestShareOfTheRange)
{
    // Without any mass no candidate has a divergence, and the first one, as wide as the levels, is kept.
    const FixedHistogram h{-1.0, 2.0 / 8001, std::vector<double>(8001)};
    EXPECT_NEAR(searchEntropy(h, 255, EntropyForm::Mxnet).range.max, 0.03187, 5e-6);
    EXPECT_NEAR(searchEntropy(h, 511, EntropyForm::Mxnet).range.max, 0.06387, 5e-6);
}

/// MXNet's search again, step by step as specified and without any sharing of work.
core::EntropyChoice plainMxnet(const FixedHistogram& h, int levels)
{
    core::EntropyChoice best{{h.lowest, h.highest()}, std::numeric_limits<double>::infinity(), 0, 0};
    const int z = h.bins() / 2;
    for (int i = levels / 2; i <= z; ++i) {
        const int start = z - i;
        const int stop = z + i + 1;
        std::vector<double> p(static_cast<std::size_t>(2 * i + 1));
        std::vector<double> s(p.size());
        for (int bin = 0; bin < h.bins(); ++bin) {
            const double c = h.counts[static_cast<std::size_t>(bin)];
            if (bin <= start) {
                p.front() += c;
            } else if (bin >= stop) {
                p.back() += c;
            } else {
                p[static_cast<std::size_t>(bin - start)] += c;
                s[static_cast<std::size_t>(bin - start)] += c;
            }
        }
        const std::size_t m = p.size() / static_cast<std::size_t>(levels);
        std::vector<double> sums(static_cast<std::size_t>(levels));
        std::vector<double> occupied(sums.size());
        const auto groupOf = [&](std::size_t cell) { return std::min(cell / m, sums.size() - 1); };
        for (std::size_t cell = 0; cell < p.size(); ++cell) {
            sums[groupOf(cell)] += s[cell];
            occupied[groupOf(cell)] += s[cell] != 0 ? 1 : 0;
        }
        std::vector<double> q(p.size());
        for (std::size_t cell = 0; cell < p.size(); ++cell) {
            if (p[cell] != 0 && occupied[groupOf(cell)] > 0) {
                q[cell] = sums[groupOf(cell)] / occupied[groupOf(cell)];
            }
        }
        const double d = core::smoothDistribution(p) && core::smoothDistribution(q)
            ? core::divergenceOf(p, q)
            : std::numeric_limits<double>::infinity();
        if (d < best.divergence) {
            best.divergence = d;
            best.range = {h.edge(start), h.edge(stop)};
        }
    }
    return best;
}

TEST(EntropySearch, EqualsThePlainFormOfMxnetOnRandomHistograms)
{
    std::mt19937 generator(9);
    for (int round = 0; round < 30; ++round) {
        FixedHistogram h{-2.0, 4.0 / 201, std::vector<double>(201)};
        for (double& c : h.counts) {
            c = generator() % 4 ? static_cast<double>(generator() % 500) : 0.0;
        }
        for (const int levels : {3, 15, 31}) {
            const auto found = searchEntropy(h, levels, EntropyForm::Mxnet);
            const auto expected = plainMxnet(h, levels);
            EXPECT_EQ(found.range, expected.range);
            EXPECT_NEAR(found.divergence, expected.divergence, 1e-12);
            EXPECT_EQ(found.candidates, 100 - levels / 2 + 1);
        }
    }
}

/// Every window looked at closely.
core::EntropyChoice exhaustive(const FixedHistogram& h, int levels, EntropyForm form)
{
    core::EntropyChoice best{{h.lowest, h.highest()}, std::numeric_limits<double>::infinity(), 0, 0};
    for (int i = levels / 2; i <= h.bins() / 2; ++i) {
        const int start = h.bins() / 2 - i;
        const int stop = std::min(h.bins(), h.bins() / 2 + i + 1);
        if (stop - start < levels) {
            continue;
        }
        const double divergence = core::windowDivergence(h, start, stop, levels, form);
        best.infinite += std::isinf(divergence) ? 1 : 0;
        if (++best.candidates == 1 || divergence < best.divergence) {
            best.divergence = divergence;
            best.range = {h.edge(start), h.edge(stop)};
        }
    }
    return best;
}

/// Whole or broken counts, dense or with gaps, flat or falling off, with or without a spike at zero.
FixedHistogram drawnHistogram(std::mt19937& generator, int bins)
{
    std::uniform_real_distribution<double> unit;
    FixedHistogram h{-2.0, 4.0 / bins, std::vector<double>(static_cast<std::size_t>(bins))};
    const double occupied = std::pow(10.0, -2.0 * unit(generator));
    const double slope = 12.0 * unit(generator);
    const double most = std::pow(10.0, 1.0 + 4.0 * unit(generator));
    const bool isWhole = generator() % 2 == 0;
    for (int i = 0; i < bins; ++i) {
        const double height = most * std::exp(-slope * std::abs(2.0 * i / bins - 1.0)) * unit(generator);
        const double count = unit(generator) < occupied ? height : 0.0;
        h.counts[static_cast<std::size_t>(i)] = isWhole ? std::floor(count) : count;
    }
    if (generator() % 3 == 0) {
        h.counts[static_cast<std::size_t>(bins / 2)] += 1e6;
    }
    return h;
}

TEST(EntropySearch, LooksCloselyAtEveryWindowThatCanWin)
{
    std::mt19937 generator(77);
    for (int round = 0; round < 40; ++round) {
        const int bins = round % 2 ? 401 : 256;
        const FixedHistogram h = drawnHistogram(generator, bins);
        for (const int levels : {3, 15, 127}) {
            for (const auto form : {EntropyForm::Mxnet, EntropyForm::MxnetPr9552, EntropyForm::Ort}) {
                const auto found = searchEntropy(h, levels, form);
                const auto expected = exhaustive(h, levels, form);
                EXPECT_EQ(found.range, expected.range) << round;
                EXPECT_EQ(found.divergence, expected.divergence) << round;
                EXPECT_EQ(found.candidates, expected.candidates) << round;
                EXPECT_EQ(found.infinite, expected.infinite) << round;
            }
        }
    }
}

TEST(EntropySearch, FewValuesInManyBins)
{
    std::mt19937 generator(79);
    for (int round = 0; round < 9; ++round) {
        const int bins = round % 2 ? 6001 : 12000;
        FixedHistogram h{-1.0, 2.0 / bins, std::vector<double>(static_cast<std::size_t>(bins))};
        const int values = 1 << round;
        for (int i = 0; i < values; ++i) {
            h.counts[generator() % h.counts.size()] += 1.0 + static_cast<double>(generator() % 3);
        }
        const auto form =
            std::array{EntropyForm::Mxnet, EntropyForm::MxnetPr9552, EntropyForm::Ort}[round % 3];
        // From half of the bins on: looking at every window closely takes the square of their number.
        const int levels = bins - bins / 16;
        const auto found = searchEntropy(h, levels, form);
        const auto expected = exhaustive(h, levels, form);
        EXPECT_EQ(found.range, expected.range) << round;
        EXPECT_EQ(found.divergence, expected.divergence) << round;
        EXPECT_EQ(found.infinite, expected.infinite) << round;
        core::DivergenceEstimate estimate(h, 255, form);
        std::size_t known = 0;
        for (int half = 200; half < bins / 2; half += bins / 40) {
            const int start = bins / 2 - half;
            const int stop = std::min(bins, bins / 2 + half + 1);
            const double exact = core::windowDivergence(h, start, stop, 255, form);
            const auto roughly = estimate.of(static_cast<std::size_t>(start), static_cast<std::size_t>(stop));
            known += roughly ? 1 : 0;
            EXPECT_TRUE(!roughly || *roughly == exact
                        || std::abs(*roughly - exact) < core::DivergenceEstimate::kError)
                << round << ' ' << half;
        }
        EXPECT_GE(known, 18u); // whole counts leave none to look at closely
    }
}

/// As many bins as a collector grows to: window by window it would take minutes.
TEST(EntropySearch, AGrownHistogramOfEightValuesIsSearchedAtOnce)
{
    FixedHistogram h{-1.0, 2.0 / 262'001, std::vector<double>(262'001)};
    for (std::size_t i = 0; i < 8; ++i) {
        h.counts[131'000 + i * i * 2'000] += 1.0;
    }
    for (const auto form : {EntropyForm::Mxnet, EntropyForm::MxnetPr9552, EntropyForm::Ort}) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(searchEntropy(h, 255, form).candidates, 131'000 - 127 + 1);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    }
}

TEST(EntropySearch, EstimatesEveryWindowWithinItsBound)
{
    std::mt19937 generator(78);
    std::size_t known = 0;
    std::size_t all = 0;
    for (int round = 0; round < 20; ++round) {
        const FixedHistogram h = drawnHistogram(generator, 401);
        for (const auto form : {EntropyForm::Mxnet, EntropyForm::MxnetPr9552, EntropyForm::Ort}) {
            core::DivergenceEstimate estimate(h, 15, form);
            for (std::size_t i = 7; i <= 200; ++i) {
                const auto roughly = estimate.of(200 - i, 201 + i);
                const double exact =
                    core::windowDivergence(h, 200 - static_cast<int>(i), 201 + static_cast<int>(i), 15, form);
                ++all;
                if (roughly) {
                    ++known;
                    EXPECT_EQ(std::isinf(*roughly), std::isinf(exact));
                    EXPECT_TRUE(std::isinf(exact)
                                || std::abs(*roughly - exact) < core::DivergenceEstimate::kError)
                        << *roughly << " for " << exact << " in round " << round;
                }
            }
        }
    }
    EXPECT_GT(known, all / 2);
}

TEST(EntropySearch, MxnetClipsAsPublished)
{
    // Published orders of magnitude: a Gaussian is cut at 4.39, with one value of 40 at 4.11 (255) or 5.59
    // (511).
    auto values = normalValues(400000, 1);
    core::SymmetricHistogram plain(8001);
    plain.add(values);
    EXPECT_NEAR(searchEntropy(plain.histogram(), 255, EntropyForm::Mxnet).range.max, 4.4, 0.4);
    values.push_back(40.0f);
    core::SymmetricHistogram outlier(8001);
    outlier.add(values);
    EXPECT_NEAR(searchEntropy(outlier.histogram(), 255, EntropyForm::Mxnet).range.max, 4.11, 0.6);
    EXPECT_NEAR(searchEntropy(outlier.histogram(), 511, EntropyForm::Mxnet).range.max, 5.59, 0.8);
}

TEST(EntropySearch, NothingToCompareKeepsTheFirstCandidate)
{
    const FixedHistogram h{-1.0, 2.0 / 21, std::vector<double>(21)};
    const auto choice = searchEntropy(h, 5, EntropyForm::Mxnet);
    EXPECT_EQ(choice.infinite, choice.candidates);
    EXPECT_NEAR(choice.range.max, 5.0 / 21, 1e-12);
}

TEST(EntropyOrt, ItsDefaultsSearchNothing)
{
    EXPECT_TRUE(core::isDegenerateOrtEntropy(128, 128));
    EXPECT_FALSE(core::isDegenerateOrtEntropy(2048, 128));
    auto values = normalValues(200000, 3);
    values.push_back(40.0f);
    values.push_back(-38.0f);
    const auto s = statisticsOf(values);
    const auto degenerate = core::searchOrtEntropy(s, 128, 128);
    EXPECT_EQ(degenerate.candidates, 1);
    EXPECT_EQ(degenerate.range, (core::Range{-38.0, 40.0}));
    const auto searched = core::searchOrtEntropy(s, 2048, 128);
    EXPECT_EQ(searched.candidates, 961);
    EXPECT_NEAR(searched.range.max, 5.86, 0.8);
}

TEST(PaddleSearch, StartsAtSeventyPercentOfPositiveDataAndStaysThere)
{
    auto values = normalValues(313600, 2);
    std::ranges::transform(values, values.begin(), [](float v) { return std::max(v, 0.0f); });
    const auto s = statisticsOf(values);
    const auto choice =
        core::searchPaddle(core::rebinned(s, {0.0, s.total.max}, 2048), true, 0.0, s.total.max);
    EXPECT_EQ(choice.firstCandidate, 1432);
    EXPECT_GT(choice.candidates, 0);
    EXPECT_NEAR(choice.threshold / s.total.max, 0.70, 0.01);
}

TEST(PaddleSearch, ASignedThresholdCanLieBeyondTheData)
{
    const auto s = statisticsOf(normalValues(313600, 2));
    const double a = std::max(-s.total.min, s.total.max);
    const auto choice = core::searchPaddle(core::rebinned(s, {-a, a}, 2048), false, s.total.min, s.total.max);
    EXPECT_GT(choice.threshold, a);
    EXPECT_LE(choice.threshold, 2 * a);
    EXPECT_EQ(choice.invalid, choice.candidates);
}

} // namespace
