#include "core/metrics/bootstrap.h"
#include "core/metrics/interval.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <tuple>

namespace {

bool isLong() { return std::getenv("NOISEFLOOR_LONG") != nullptr; }

struct Coverage
{
    std::size_t covered = 0;
    std::size_t sets = 0;
    void add(const core::ConfidenceInterval& interval, double truth)
    {
        covered += interval.lower <= truth && truth <= interval.upper ? 1 : 0;
        ++sets;
    }
    [[nodiscard]] double percent() const
    {
        return 100.0 * static_cast<double>(covered) / static_cast<double>(sets);
    }
    /// 94 … 96 %, and what chance moves so few sets by.
    void expectHonest(const std::string& what) const
    {
        const double chance = 3.0 * 100.0 * std::sqrt(0.05 * 0.95 / static_cast<double>(sets));
        fmt::print("{:<44} {:.2f} % of {} sets\n", what, percent(), sets);
        EXPECT_GE(percent(), 94.0 - chance) << what;
        EXPECT_LE(percent(), 96.0 + chance) << what;
    }
};

TEST(Intervals, QuantilesAreThoseOfTables)
{
    EXPECT_NEAR(core::normalQuantile(0.975), 1.959963984540054, 1e-10);
    EXPECT_NEAR(core::studentQuantile(0.975, 1), 12.706204736, 1e-6);
    EXPECT_NEAR(core::studentQuantile(0.975, 10), 2.228138852, 1e-7);
    EXPECT_NEAR(core::studentQuantile(0.95, 30), 1.697260887, 1e-7);
}

TEST(Intervals, WilsonAgreesWithTheFormulaByHand)
{
    // p = 0.8, n = 100, z² = 3.8414588: (0.8 + 0.0192073 ∓ 1.9599640·sqrt(0.0016 + 0.00009604)) / 1.0384146
    const auto interval = core::proportionInterval(80, 100);
    EXPECT_NEAR(interval.lower, 71.117, 1e-2);
    EXPECT_NEAR(interval.upper, 86.663, 1e-2);
    EXPECT_EQ(core::proportionInterval(0, 10).lower, 0.0);
    EXPECT_EQ(core::proportionInterval(10, 10).upper, 100.0);
}

/// The ends of an interval are where the score (Tango 1998) is the quantile.
TEST(Intervals, TangoEndsSolveTheScoreEquation)
{
    for (const auto& [b, c, n] :
         {std::tuple{1.0, 0.0, 30.0}, {12.0, 5.0, 120.0}, {0.0, 0.0, 50.0}, {40.0, 40.0, 900.0}}) {
        const auto interval = core::pairedInterval(
            static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(n));
        for (const double end : {interval.lower / 100.0, interval.upper / 100.0}) {
            const double second = -b - c + (2.0 * n - b + c) * end;
            const double q =
                (std::sqrt(second * second + 8.0 * n * c * end * (1.0 - end)) - second) / (4.0 * n);
            const double score = (b - c - n * end) / std::sqrt(n * (2.0 * q + end * (1.0 - end)));
            EXPECT_NEAR(std::abs(score), 1.959963984540054, 1e-6) << b << " " << c << " " << n;
        }
    }
}

/// Pairs of which 80 % agree apart from the difference; seeds that nothing was tuned on.
TEST(Intervals, OfPairedProportionsCoverTheTruth)
{
    const std::size_t sets = isLong() ? 20000 : 2000;
    Coverage all;
    for (const int n : {30, 100, 300, 1000, 3000}) {
        for (const double difference : {0.0, 0.02, 0.05, 0.10}) {
            Coverage here;
            std::mt19937_64 random(static_cast<std::uint64_t>(1000 * n)
                                   + static_cast<std::uint64_t>(1e4 * difference));
            const double changed = 0.2;
            for (std::size_t s = 0; s < sets / (isLong() ? 1 : 10); ++s) {
                std::binomial_distribution<int> disagree(n, changed);
                const int d = disagree(random);
                std::binomial_distribution<int> first(d, (changed + difference) / (2.0 * changed));
                const int b = first(random);
                const auto interval =
                    core::pairedInterval(static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(d - b),
                                         static_cast<std::uint64_t>(n));
                here.add(interval, 100.0 * difference);
                all.add(interval, 100.0 * difference);
            }
            here.expectHonest(
                fmt::format("paired proportions, n {}, difference {:.0f} %", n, 100.0 * difference));
        }
    }
    all.expectHonest("paired proportions, all");
}

TEST(Intervals, OfMeansAndDecibelsCoverTheTruth)
{
    for (const std::size_t n : {std::size_t{30}, std::size_t{300}}) {
        Coverage mean;
        Coverage decibel;
        std::mt19937_64 random(77 + n);
        std::normal_distribution<double> normal(3.0, 2.0);
        std::gamma_distribution<double> gamma(8.0, 1.0);
        for (int s = 0; s < 2000; ++s) {
            std::vector<double> values(n);
            std::vector<double> signal(n);
            std::vector<double> error(n);
            for (std::size_t i = 0; i < n; ++i) {
                values[i] = normal(random);
                signal[i] = gamma(random);
                error[i] = 0.01 * signal[i] * gamma(random) / 8.0;
            }
            mean.add(*core::meanInterval(values), 3.0);
            decibel.add(*core::decibelInterval(signal, error), 20.0);
        }
        mean.expectHonest(fmt::format("mean, n {}", n));
        decibel.expectHonest(fmt::format("pooled dB, n {}", n));
    }
}

/// A ratio of sums, as CER is: edits and characters of each sample; the paired difference of two pipelines.
TEST(Intervals, OfTheBootstrapCoverTheTruth)
{
    for (const std::size_t n : {std::size_t{30}, std::size_t{100}, std::size_t{300}}) {
        Coverage coverage;
        std::mt19937_64 random(4242 + n);
        std::poisson_distribution<int> length(20.0);
        const int sets = isLong() ? 2000 : n == 300 ? 150 : 400;
        for (int s = 0; s < sets; ++s) {
            std::vector<std::array<double, 3>> samples(n); // characters, edits of FP32, of the quantized
            for (auto& [letters, fp32, quantized] : samples) {
                const int count = 1 + length(random);
                letters = count;
                fp32 = std::binomial_distribution<int>(count, 0.05)(random);
                quantized = fp32 + std::binomial_distribution<int>(count, 0.06)(random)
                    - std::binomial_distribution<int>(static_cast<int>(fp32), 0.2)(random);
            }
            const auto figure = [&](std::span<const double> w) -> std::optional<double> {
                double letters = 0.0;
                double lost = 0.0;
                for (std::size_t i = 0; i < n; ++i) {
                    letters += w[i] * samples[i][0];
                    lost += w[i] * (samples[i][2] - samples[i][1]);
                }
                return 100.0 * lost / letters;
            };
            coverage.add(*core::bootstrapInterval(n, figure, 1000, static_cast<std::uint64_t>(s) + 1), 5.0);
        }
        coverage.expectHonest(fmt::format("paired bootstrap of error rates, n {}", n));
    }
}

TEST(Intervals, BootstrapIsSeeded)
{
    const auto figure = [](std::span<const double> w) -> std::optional<double> {
        return w[0] + 2.0 * w[1] + 5.0 * w[2];
    };
    const auto a = core::bootstrapInterval(3, figure);
    const auto b = core::bootstrapInterval(3, figure);
    EXPECT_EQ(a->lower, b->lower);
    EXPECT_EQ(a->upper, b->upper);
    EXPECT_FALSE(core::bootstrapInterval(1, figure).has_value());
}

} // namespace
