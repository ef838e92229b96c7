#include "core/calibration/dnnlowp_search.h"

#include "core/base/error.h"

#include "core/calibration/entropy_choice.h"
#include "core/calibration/observed_range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace {

using core::BinWindow;
using core::FixedHistogram;
using core::Scheme;

core::TensorStatistics normalStatistics(std::size_t count, unsigned seed, double tail)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0.2f, 1.0f);
    std::vector<float> values(count);
    for (float& v : values) {
        v = normal(generator);
        v = std::abs(v) > 3.0f ? v * static_cast<float>(tail) : v;
    }
    return core::statisticsOf(values, {0, 1});
}

/// KL(P‖Q) as the definition has it: every bin takes its share of each level; P in whole counts.
double divergenceByHand(const std::vector<double>& counts, BinWindow w, int levels)
{
    const int n = static_cast<int>(counts.size());
    double total = 0.0;
    std::vector<double> p(counts.size());
    for (int i = 0; i < n; ++i) {
        total += counts[static_cast<std::size_t>(i)];
        p[static_cast<std::size_t>(std::clamp(i, std::max(w.start, 0), std::min(w.start + w.bins, n) - 1))] +=
            counts[static_cast<std::size_t>(i)];
    }
    double result = 0.0;
    for (int level = 0; level < levels; ++level) {
        const double from = w.start + static_cast<double>(level) * w.bins / levels;
        const double to = w.start + static_cast<double>(level + 1) * w.bins / levels;
        const auto part = [&](int bin) { return std::min(bin + 1.0, to) - std::max<double>(bin, from); };
        double mass = 0.0;
        double length = 0.0;
        for (int bin = std::max(w.start, 0); bin < std::min(w.start + w.bins, n); ++bin) {
            if (part(bin) > 0.0) {
                mass += counts[static_cast<std::size_t>(bin)] * part(bin);
                length += p[static_cast<std::size_t>(bin)] > 0.0 ? part(bin) : 0.0;
            }
        }
        for (int bin = std::max(w.start, 0); bin < std::min(w.start + w.bins, n); ++bin) {
            if (part(bin) > 0.0 && p[static_cast<std::size_t>(bin)] > 0.0) {
                const double own = std::floor(p[static_cast<std::size_t>(bin)] * part(bin));
                result += own > 0.0 ? own / total * std::log(own * length / (mass * part(bin))) : 0.0;
            }
        }
    }
    return result;
}

TEST(DnnlowpKl, CentresTheWindowWhereTheSchemeIsSymmetric)
{
    FixedHistogram h{-1.0, 0.0625, std::vector<double>(48)}; // −1 … 2, 0 is the edge of bin 16
    for (int i = 0; i < 48; ++i) {
        h.counts[static_cast<std::size_t>(i)] = std::floor(4000.0 * std::exp(-0.15 * std::abs(i - 20)));
    }
    // Windows of an even number of bins begin at whole bins below 16; whole levels, so no broken shares.
    core::WindowChoice best{{0, 48}, 1e9};
    for (int bins = 1; bins <= 48; ++bins) {
        const BinWindow window{16 - bins / 2, bins};
        const double d =
            window.start >= 0 ? divergenceByHand(h.counts, window, 8) : core::dnnlowpDivergence(h, window, 3);
        best = d < best.error ? core::WindowChoice{window, d} : best;
    }
    const auto found = core::searchDnnlowpKl(h, 3, Scheme::Symmetric);
    EXPECT_EQ(found.window, best.window);
    EXPECT_NEAR(found.error, best.error, 1e-12);
    EXPECT_EQ(found.window.start, 16 - found.window.bins / 2);
    // From 0 up where nothing is below.
    FixedHistogram positive = h;
    positive.lowest = 0.0;
    EXPECT_EQ(core::searchDnnlowpKl(positive, 3, Scheme::Symmetric).window.start, 0);
}

TEST(DnnlowpKl, AWindowInsideIsTheDefinition)
{
    std::mt19937 generator(3);
    for (int round = 0; round < 200; ++round) {
        FixedHistogram h{-1.0, 0.05, std::vector<double>(40)};
        for (double& c : h.counts) {
            c = generator() % 3 ? static_cast<double>(generator() % 1000) : 0.0;
        }
        const int bins = 1 + static_cast<int>(generator() % 40);
        const BinWindow window{static_cast<int>(generator() % (41 - static_cast<unsigned>(bins))), bins};
        const double expected = divergenceByHand(h.counts, window, 16);
        const double found = core::dnnlowpDivergence(h, window, 4);
        if (std::isinf(expected)) {
            EXPECT_TRUE(std::isinf(found));
        } else {
            EXPECT_NEAR(found, expected, 1e-12) << window.start << ", " << window.bins;
        }
    }
}

TEST(DnnlowpKl, OneAnswerByMethodAndFromAnObserverFile)
{
    for (const Scheme scheme : {Scheme::Asymmetric, Scheme::Symmetric}) {
        const auto statistics = normalStatistics(20000, 7, 1.5);
        const core::CalibrationTarget target{scheme, 8};
        const auto method = core::parseCalibrationMethod("entropy:dnnlowp:2048");
        const double lowest = statistics.total.min;
        const auto counts = core::observedCounts(statistics, 2048);
        const FixedHistogram file{
            lowest, (statistics.total.max - lowest) / 2048.0, {counts.begin(), counts.end()}};
        EXPECT_EQ(core::calibrate(statistics, method, target), core::observedRange(file, method, target));
    }
}

TEST(DnnlowpKl, TwoThousandBinsTakeSeconds)
{
    const auto statistics = normalStatistics(300000, 11, 2.0);
    const auto counts = core::observedCounts(statistics, 2048);
    FixedHistogram h{statistics.total.min,
                     (statistics.total.max - statistics.total.min) / 2048.0,
                     {counts.begin(), counts.end()}};
    const auto found = core::searchDnnlowpKl(h, 8);
    EXPECT_EQ(found.error, core::dnnlowpDivergence(h, found.window, 8));
    std::mt19937 generator(2); // nothing near it or anywhere is better
    for (int k = 0; k < 3000; ++k) {
        const int bins = std::clamp(found.window.bins + static_cast<int>(generator() % 400) - 200, 1, 2048);
        const int start =
            std::clamp(found.window.start + static_cast<int>(generator() % 200) - 100, 0, 2048 - bins);
        EXPECT_GE(core::dnnlowpDivergence(h, {start, bins}, 8), found.error) << start << ", " << bins;
    }
}

TEST(MxnetBins, AreAParameter)
{
    const auto statistics = normalStatistics(50000, 5, 3.0);
    const core::CalibrationTarget target{Scheme::Symmetric, 8};
    const double magnitude = std::max(std::abs(statistics.total.min), std::abs(statistics.total.max));
    for (const int bins : {1001, 4001, 8001}) {
        const auto method = core::parseCalibrationMethod("entropy:mxnet:" + std::to_string(bins));
        const auto histogram = core::rebinned(statistics, {-magnitude, magnitude}, bins);
        const auto choice = core::searchEntropy(histogram, 255, core::EntropyForm::Mxnet);
        EXPECT_EQ(core::calibrate(statistics, method, target),
                  (core::Range{-choice.range.max, choice.range.max}));
        const auto told = core::entropyChoiceOf(statistics, method, target);
        ASSERT_TRUE(told);
        EXPECT_EQ(told->divergence, choice.divergence);
        EXPECT_EQ(told->candidates, (bins - 255) / 2 + 1); // windows of 255, 257, … bins
        EXPECT_EQ(told->infinite, choice.infinite);
    }
    EXPECT_EQ(core::calibrate(statistics, core::parseCalibrationMethod("entropy:mxnet:4000"), target),
              core::calibrate(statistics, core::parseCalibrationMethod("entropy:mxnet:4001"), target));
    EXPECT_EQ(core::calibrate(statistics, core::parseCalibrationMethod("entropy:mxnet"), target),
              core::calibrate(statistics, core::parseCalibrationMethod("entropy:mxnet:8001"), target));
    EXPECT_THROW((void)core::parseCalibrationMethod("entropy:mxnet:100"), core::Error);
    EXPECT_FALSE(core::entropyChoiceOf(statistics, {"l2", std::nullopt}, target));
}

} // namespace
