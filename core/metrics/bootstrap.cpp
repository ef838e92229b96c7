#include "core/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace core {

namespace {

constexpr std::size_t kGroups = 200; // of samples left out together, where there are more

/// Skewness of the figure's sensitivity to single samples, by leaving each (group) out.
double accelerationOf(std::size_t n, const WeightedFigure& figure)
{
    const std::size_t groups = std::min(n, kGroups);
    std::vector<double> left;
    std::vector<double> weights(n, 1.0);
    for (std::size_t g = 0; g < groups; ++g) {
        for (std::size_t i = g; i < n; i += groups) {
            weights[i] = 0.0;
        }
        if (const auto value = figure(weights); value && std::isfinite(*value)) {
            left.push_back(*value);
        }
        for (std::size_t i = g; i < n; i += groups) {
            weights[i] = 1.0;
        }
    }
    double mean = 0.0;
    for (const double x : left) {
        mean += x / static_cast<double>(left.size());
    }
    double squares = 0.0;
    double cubes = 0.0;
    for (const double x : left) {
        squares += (mean - x) * (mean - x);
        cubes += (mean - x) * (mean - x) * (mean - x);
    }
    return squares > 0.0 ? cubes / (6.0 * std::pow(squares, 1.5)) : 0.0;
}

double quantileOf(const std::vector<double>& sorted, double probability)
{
    const double at = std::clamp(probability * static_cast<double>(sorted.size() + 1) - 1.0, 0.0,
                                 static_cast<double>(sorted.size() - 1));
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

} // namespace

std::optional<ConfidenceInterval> bootstrapInterval(std::size_t n, const WeightedFigure& figure,
                                                    std::size_t resamples, std::uint64_t seed)
{
    const auto estimate = n < 2 ? std::nullopt : figure(std::vector<double>(n, 1.0));
    if (!estimate || !std::isfinite(*estimate)) {
        return std::nullopt;
    }
    constexpr std::size_t kUsual = 2000;
    constexpr std::size_t kLeast = 400;
    const std::size_t count =
        resamples > 0 ? resamples : std::clamp(kUsual * kUsual / std::max(n, kUsual), kLeast, kUsual);
    std::mt19937_64 random(seed);
    std::vector<double> drawn;
    std::vector<double> weights(n);
    for (std::size_t r = 0; r < count; ++r) {
        std::ranges::fill(weights, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            weights[random() % n] += 1.0;
        }
        if (const auto value = figure(weights); value && std::isfinite(*value)) {
            drawn.push_back(*value);
        }
    }
    if (drawn.size() * 2 < count) {
        return std::nullopt;
    }
    std::ranges::sort(drawn);
    const auto below = static_cast<double>(std::ranges::lower_bound(drawn, *estimate) - drawn.begin());
    const auto upTo = static_cast<double>(std::ranges::upper_bound(drawn, *estimate) - drawn.begin());
    const double share = (below + upTo) / 2.0 / static_cast<double>(drawn.size());
    const double tail = studentQuantile(0.975, static_cast<double>(n - 1))
        * std::sqrt(static_cast<double>(n) / static_cast<double>(n - 1));
    const bool isCorrected = share > 0.0 && share < 1.0;
    const double bias = isCorrected ? normalQuantile(share) : 0.0;
    const double acceleration = isCorrected ? accelerationOf(n, figure) : 0.0;
    const auto end = [&](double z) {
        const double moved = bias + (bias + z) / (1.0 - acceleration * (bias + z));
        return quantileOf(drawn, normalProbability(moved));
    };
    return ConfidenceInterval{end(-tail), end(tail), "paired bca bootstrap", n};
}

} // namespace core
