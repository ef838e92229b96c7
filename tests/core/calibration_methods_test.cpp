#include "core/base/error.h"
#include "core/calibration/method.h"
#include "tests/support/plain_entropy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace {

using core::CalibrationMethod;
using core::parseCalibrationMethod;
using core::Range;
using core::Scheme;
using core::TensorStatistics;

constexpr core::CalibrationTarget kUnsigned8{Scheme::Asymmetric, 8};
constexpr core::CalibrationTarget kSigned8{Scheme::Symmetric, 8};

TensorStatistics statisticsOf(std::span<const float> values) { return core::statisticsOf(values, {0, 1}); }

Range by(std::string_view method, const TensorStatistics& s, core::CalibrationTarget target = kUnsigned8)
{
    return core::calibrate(s, parseCalibrationMethod(method), target);
}

double totalCost(const TensorStatistics& s, const Range& range, core::CalibrationTarget target)
{
    return core::quantizationCost(s, core::chooseActivationParams(range, target.scheme, target.bits))
        .totalSquared();
}

std::vector<float> normalValues(std::size_t count, unsigned seed, float mean = 0.0f)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(mean, 1.0f);
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(generator); });
    return values;
}

TEST(Calibration, NoFiniteValueGivesAnEmptyRange)
{
    for (const auto& method : core::calibrationMethods()) {
        if (method.choose) {
            EXPECT_EQ(by(method.name, TensorStatistics{}), Range{});
            EXPECT_EQ(by(method.name, statisticsOf(std::vector{std::numeric_limits<float>::infinity()})),
                      Range{});
        }
    }
}

TEST(Calibration, EveryMethodContainsZeroAndSurvivesDegenerateData)
{
    const std::vector<std::vector<float>> tensors{
        {0.0f},          {5.0f},          {-5.0f},
        {0.0f, 3.0f},    {-1.0f, 1.0f},   {1e-40f},
        {3e38f, -3e38f}, {1e-30f, 1e30f}, {7.0f, 7.0f, 7.0f, -1.0f}};
    for (const auto& method : core::calibrationMethods()) {
        // The ancestors' entropy searches take 0.2 s each and know neither scheme nor more than 8 bits.
        const bool isSlow = method.name.starts_with("entropy:");
        const std::vector<core::CalibrationTarget> targets = isSlow
            ? std::vector{kUnsigned8}
            : std::vector{kUnsigned8,
                          kSigned8,
                          core::CalibrationTarget{Scheme::Asymmetric, 2},
                          core::CalibrationTarget{Scheme::Symmetric, 2},
                          core::CalibrationTarget{Scheme::Asymmetric, 16},
                          core::CalibrationTarget{Scheme::Symmetric, 16}};
        for (const auto& values : tensors) {
            for (const auto& target : targets) {
                if (method.choose) {
                    const Range r = by(method.name, statisticsOf(values), target);
                    EXPECT_TRUE(std::isfinite(r.min) && std::isfinite(r.max)) << method.name;
                    EXPECT_LE(r.min, 0.0);
                    EXPECT_GE(r.max, 0.0);
                }
            }
        }
    }
}

TEST(Calibration, ManualIsNotChosenHere)
{
    EXPECT_THROW((void)by("manual", statisticsOf(std::vector{1.0f})), core::Error);
}

TEST(Calibration, MinMaxContainsZero)
{
    EXPECT_EQ(by("minmax", statisticsOf(std::vector{2.0f, 5.0f})), (Range{0.0, 5.0}));
    EXPECT_EQ(by("minmax", statisticsOf(std::vector{-2.0f, -5.0f})), (Range{-5.0, 0.0}));
}

TEST(Percentile, KeepsThatShareZerosIncluded)
{
    // 5,000 zeros and the values 1 … 5,000: 99 % keeps all up to 4,900, to one bin of width 2.
    std::vector<float> values(5000, 0.0f);
    for (int i = 1; i <= 5000; ++i) {
        values.push_back(static_cast<float>(i));
    }
    const auto s = statisticsOf(values);
    EXPECT_EQ(s.histogram.binWidth(), 2.0);
    EXPECT_NEAR(by("percentile:99", s).max, 4900.0, 2.0);
    EXPECT_GE(by("percentile:99", s).max, 4900.0);
    EXPECT_EQ(by("percentile:99", s).min, 0.0);
    EXPECT_EQ(by("percentile:100", s).max, 5000.0);
}

TEST(Percentile, ALowerOneClipsATailThatAHigherOneKeeps)
{
    auto values = normalValues(100000, 5);
    std::fill_n(values.begin(), 50, 40.0f); // 0.05 % of the values
    const auto s = statisticsOf(values);
    EXPECT_LT(by("percentile:99.9", s).max, 5.0);
    EXPECT_EQ(by("percentile:99.99", s).max, 40.0);
}

TEST(Percentile, TwoSidedDataLoseHalfOnEachSide)
{
    std::vector<float> values;
    for (int i = 1; i <= 1000; ++i) {
        values.push_back(static_cast<float>(i));
        values.push_back(static_cast<float>(-2 * i));
    }
    const auto s = statisticsOf(values);
    const Range r = by("percentile:90", s); // 100 of 2,000 on each side
    EXPECT_NEAR(r.max, 900.0, s.histogram.binWidth());
    EXPECT_NEAR(r.min, -1800.0, s.histogram.binWidth());
    // Symmetric: the 200 largest magnitudes go; those are −2000 … −1602.
    const Range t = by("percentile:90", s, kSigned8);
    EXPECT_NEAR(t.min, -1600.0, 2 * s.histogram.binWidth());
    EXPECT_EQ(t.max, 1000.0);
}

TEST(Percentile, IsNeverBeyondTheExtremesNorEmpty)
{
    std::vector<float> values(100000, 0.0f);
    values[3] = 0.7f;
    EXPECT_EQ(by("percentile:99", statisticsOf(values)), (Range{0.0, static_cast<double>(0.7f)}));
    const auto s = statisticsOf(normalValues(1000, 1));
    const Range r = by("percentile:99.9999", s);
    EXPECT_EQ(r.max, static_cast<double>(s.total.max));
    EXPECT_EQ(r.min, static_cast<double>(s.total.min));
}

TEST(Entropy, IgnoresASpikeAtZero)
{
    auto values = normalValues(50000, 8);
    std::ranges::transform(values, values.begin(), [](float v) { return std::abs(v); });
    const Range without = by("entropy", statisticsOf(values));
    values.insert(values.end(), 2000000, 0.0f);
    EXPECT_EQ(by("entropy", statisticsOf(values)), without);
    EXPECT_GT(without.max, 2.5);
}

TEST(Entropy, ClipsALoneOutlierAndKeepsBothTails)
{
    auto values = normalValues(400000, 4);
    const auto plain = statisticsOf(values);
    const Range r = by("entropy", plain);
    EXPECT_GT(r.max, 3.0);
    EXPECT_LT(r.min, -3.0);
    values.push_back(40.0f);
    const Range clipped = by("entropy", statisticsOf(values));
    EXPECT_LT(clipped.max, 8.0);
    EXPECT_LT(clipped.min, -3.0);
}

TEST(Entropy, KeepsAllOfATensorWithFewValues)
{
    const std::vector values{0.1f, 0.5f, 0.9f, 2.0f, 8.0f};
    EXPECT_EQ(by("entropy", statisticsOf(values)), (Range{0.0, 8.0}));
    EXPECT_EQ(by("entropy", statisticsOf(std::vector{-3.0f, 8.0f})), (Range{-3.0, 8.0}));
}

TEST(QuantizationCost, SplitsClippingFromRounding)
{
    // Width 2^-9 at magnitude 4: the centre of the bin of −1 is −1 + 2^-10.
    const auto s = statisticsOf(std::vector{4.0f, -1.0f, 0.0f, 0.0f});
    core::QuantizationParams p = core::chooseActivationParams({0.0, 2.55}, Scheme::Asymmetric, 8);
    const auto cost = core::quantizationCost(s, p);
    const double centre = -1.0 + s.histogram.binWidth() / 2; // −1 is the lower edge of its bin
    EXPECT_NEAR(cost.clipSquared, 1.45 * 1.45 + centre * centre, 1e-5);
    EXPECT_NEAR(cost.roundSquared, 0.0, 1e-12);
    EXPECT_DOUBLE_EQ(cost.clippedShare, 0.5);
    EXPECT_NEAR(cost.signalSquared, 16.0 + centre * centre, 1e-9);
    EXPECT_NEAR(cost.sqnrDb(), 10 * std::log10(cost.signalSquared / cost.totalSquared()), 1e-12);
}

TEST(QuantizationCost, AConstantTensorCostsNothing)
{
    const auto s = statisticsOf(std::vector(10, 5.0f));
    const auto cost =
        core::quantizationCost(s, core::chooseActivationParams(by("l2", s), Scheme::Asymmetric, 8));
    EXPECT_LT(cost.totalSquared(), 1e-10);
    EXPECT_EQ(
        core::quantizationCost(TensorStatistics{}, core::chooseActivationParams({}, Scheme::Asymmetric, 8))
            .sqnrDb(),
        std::numeric_limits<double>::infinity());
}

TEST(QuantizationCost, IsCloseToTheErrorOfTheValuesThemselves)
{
    const auto values = normalValues(200000, 2);
    const auto s = statisticsOf(values);
    const auto p = core::chooseActivationParams({-2.5, 2.5}, Scheme::Asymmetric, 8);
    double squared = 0.0;
    for (const float v : values) {
        const double code =
            std::clamp(std::nearbyint(v / static_cast<double>(p.scale[0])) + p.zeroPoint[0], 0.0, 255.0);
        squared += std::pow(v - static_cast<double>(p.scale[0]) * (code - p.zeroPoint[0]), 2);
    }
    EXPECT_NEAR(core::quantizationCost(s, p).totalSquared() / squared, 1.0, 0.01);
}

/// Random shapes: one or two sides, gaps, outliers, spikes; coarse enough that a full search stays quick.
TensorStatistics randomStatistics(std::mt19937& generator)
{
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<float> uniform;
    const bool oneSided = generator() % 2 == 0;
    const std::size_t count = 20 + generator() % 800;
    const float shift = normal(generator);
    const float power = 0.5f + 2.5f * uniform(generator);
    std::vector<float> values(count);
    for (float& v : values) {
        const float n = normal(generator);
        v = shift + std::copysign(std::pow(std::abs(n), power), n);
        v = oneSided ? std::max(v, 0.0f) : v;
    }
    values.push_back(uniform(generator) * 20.0f);
    return statisticsOf(values);
}

TEST(L2, FindsTheOptimumThatTryingEveryRangeOfTheGridFinds)
{
    std::mt19937 generator(17);
    for (int round = 0; round < 4; ++round) {
        const auto s = randomStatistics(generator);
        const double width = s.histogram.binWidth();
        for (const auto target : {core::CalibrationTarget{Scheme::Asymmetric, 3},
                                  core::CalibrationTarget{Scheme::Symmetric, 4}}) {
            const double found = totalCost(s, by("l2", s, target), target);
            const int up = static_cast<int>(std::ceil(s.total.max / width));
            const int down = static_cast<int>(std::ceil(-std::min(s.total.min, 0.0f) / width));
            double best = std::numeric_limits<double>::infinity();
            // Every 37th pair of edges: all of them would take minutes; none may be better.
            for (int hi = 0; hi <= up; hi += 37) {
                for (int lo = 0; lo <= down; lo += 37) {
                    if (hi + lo > 0) {
                        best = std::min(best, totalCost(s, {-lo * width, hi * width}, target));
                    }
                }
            }
            EXPECT_LE(found, best * (1 + 1e-6));
            EXPECT_LE(found, totalCost(s, by("minmax", s), target));
            EXPECT_LE(found, totalCost(s, by("percentile:99", s), target) * 1.001);
        }
    }
}

TEST(L2, IsAtLeastAsGoodAsEverySymmetricThresholdOfTheGrid)
{
    std::mt19937 generator(31);
    for (int round = 0; round < 3; ++round) {
        const auto s = randomStatistics(generator);
        const core::CalibrationTarget target{Scheme::Symmetric, 5};
        double best = totalCost(s, by("minmax", s), target);
        const double width = s.histogram.binWidth();
        for (int bins = 1; bins <= core::GrowingHistogram::kHalf; ++bins) {
            best = std::min(best, totalCost(s, {-bins * width, bins * width}, target));
        }
        EXPECT_LE(totalCost(s, by("l2", s, target), target), best * (1 + 1e-9));
    }
}

/// Counts around zero only: a plain search over some hundred bins is quick.
TensorStatistics fewBins(std::mt19937& generator)
{
    constexpr std::size_t kHalf = core::GrowingHistogram::kHalf;
    std::vector<std::uint64_t> counts(core::GrowingHistogram::kBins);
    const bool oneSided = generator() % 3 == 0;
    const std::size_t below = oneSided ? 0 : 10 + generator() % 190;
    const std::size_t above = 20 + generator() % 180;
    const unsigned gaps = 1 + generator() % 5;
    const double decay = 0.01 + 0.05 * static_cast<double>(generator() % 10);
    for (std::size_t i = kHalf - below; i < kHalf + above; ++i) {
        const double distance = std::abs(static_cast<double>(i) - static_cast<double>(kHalf));
        const double most = 1.0 + 1000.0 * std::exp(-decay * distance);
        counts[i] =
            generator() % gaps == 0 ? static_cast<std::uint64_t>(most * (generator() % 1000) / 1000.0) : 0;
    }
    counts[kHalf + above - 1] = 1;
    counts[kHalf - below] += 1;
    TensorStatistics s;
    s.histogram = core::GrowingHistogram(-4, counts);
    s.total.min = oneSided ? 0.0f : static_cast<float>(-static_cast<double>(below) / 16.0);
    s.total.max = static_cast<float>(static_cast<double>(above) / 16.0);
    s.total.count = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    return s;
}

TEST(Entropy, PrefixSumsFindWhatThePlainSearchFinds)
{
    std::mt19937 generator(12);
    int near = 0;
    for (int round = 0; round < 4; ++round) { // all bins
        near += support::expectPlainEntropy(randomStatistics(generator), 4) ? 1 : 0;
    }
    const int rounds = std::getenv("NOISEFLOOR_LONG") ? 2000 : 250;
    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE(round);
        near +=
            support::expectPlainEntropy(fewBins(generator), 2 + static_cast<int>(generator() % 4)) ? 1 : 0;
    }
    EXPECT_LE(near, rounds / 20); // equal up to the last digits of a sum
}

TEST(L2, FoldsTheSidesForASymmetricTarget)
{
    const auto s = statisticsOf(normalValues(20000, 6));
    const Range r = by("l2", s, {Scheme::Symmetric, 4});
    EXPECT_EQ(r.min, -r.max);
    // The best uniform 15-level quantizer of a normal distribution has steps of 0.3534 sigma (Max, 1960).
    EXPECT_NEAR(r.max, 7 * 0.3534, 0.06);
}

TEST(L2, ClipsAnOutlierThatCostsMoreThanItIsWorth)
{
    auto values = normalValues(400000, 4);
    values.push_back(40.0f);
    const auto s = statisticsOf(values);
    EXPECT_LT(by("l2", s, {Scheme::Asymmetric, 4}).max, 6.0);
    EXPECT_LT(totalCost(s, by("l2", s), kUnsigned8), totalCost(s, by("minmax", s), kUnsigned8));
}

TEST(L2, HandlesManyBitsWhereStepsAreFinerThanBins)
{
    const auto s = statisticsOf(normalValues(20000, 6));
    for (const Scheme scheme : {Scheme::Asymmetric, Scheme::Symmetric}) {
        const Range r = by("l2", s, {scheme, 16});
        EXPECT_NEAR(r.max, s.total.max, 0.05 * s.total.max);
    }
}

TEST(L2, NeverLosesToAnotherMethodOnItsOwnObjective)
{
    // 1,000 histograms with NOISEFLOOR_LONG set.
    const int rounds = std::getenv("NOISEFLOOR_LONG") ? 1000 : 12;
    std::mt19937 generator(23);
    for (int round = 0; round < rounds; ++round) {
        const auto s = randomStatistics(generator);
        for (const auto target : {kUnsigned8, kSigned8, core::CalibrationTarget{Scheme::Asymmetric, 4}}) {
            const double cost = totalCost(s, by("l2", s, target), target);
            for (const auto& method : core::calibrationMethods()) {
                // :stream looks at samples one after the other, not at statistics.
                const bool isL2 = (method.name.starts_with("l2") && !method.name.ends_with(":stream"))
                    || method.name == "minmax";
                if (isL2) {
                    EXPECT_LE(cost, totalCost(s, by(method.name, s, target), target) * (1 + 1e-9))
                        << method.name << " in round " << round;
                }
            }
        }
    }
}

TEST(L1, ClipsSoonerThanL2AndIsBestOnItsOwnObjective)
{
    auto values = normalValues(100000, 4);
    std::ranges::transform(values, values.begin(), [](float v) { return v * v * v; });
    const auto s = statisticsOf(values);
    const core::CalibrationTarget target{Scheme::Asymmetric, 4};
    const Range one = by("l1", s, target);
    const Range two = by("l2", s, target);
    EXPECT_LT(one.max, two.max);
    const auto absolute = [&](const Range& range) {
        const auto p = core::chooseActivationParams(range, target.scheme, target.bits);
        double sum = 0.0;
        for (const float v : values) {
            const double code =
                std::clamp(std::nearbyint(v / static_cast<double>(p.scale[0])) + p.zeroPoint[0], 0.0, 15.0);
            sum += std::abs(v - static_cast<double>(p.scale[0]) * (code - p.zeroPoint[0]));
        }
        return sum;
    };
    EXPECT_LE(absolute(one), absolute(two));
    EXPECT_LE(absolute(one), absolute(by("l1:dnnlowp", s, target)) * 1.001);
}

TEST(CompatibilityMethods, SeeASpikeAtZeroWhereOursDoesNot)
{
    auto values = normalValues(50000, 8);
    std::ranges::transform(values, values.begin(), [](float v) { return std::abs(v); });
    const auto before = statisticsOf(values);
    values.insert(values.end(), 2000000, 0.0f);
    const auto after = statisticsOf(values);
    EXPECT_NE(by("entropy:mxnet", after), by("entropy:mxnet", before));
    EXPECT_EQ(by("entropy", after), by("entropy", before));
}

} // namespace
