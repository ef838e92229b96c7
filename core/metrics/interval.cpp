#include "core/metrics/interval.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr double kTail = 0.975;
constexpr double kNormalTail = 1.959963984540054;

/// Continued fraction of the incomplete beta function (Numerical Recipes 6.4, Lentz).
double betaFraction(double a, double b, double x)
{
    constexpr double kTiny = 1e-300;
    const auto guarded = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
    double c = 1.0;
    double d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
    double result = d;
    for (int m = 1; m < 300; ++m) {
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guarded(1.0 + even * d);
        c = guarded(1.0 + even / c);
        result *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guarded(1.0 + odd * d);
        c = guarded(1.0 + odd / c);
        result *= d * c;
        if (std::abs(d * c - 1.0) < 1e-15) {
            break;
        }
    }
    return result;
}

double incompleteBeta(double a, double b, double x)
{
    if (x <= 0.0 || x >= 1.0) {
        return x <= 0.0 ? 0.0 : 1.0;
    }
    const double front =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    return x < (a + 1.0) / (a + b + 2.0) ? front * betaFraction(a, b, x) / a
                                         : 1.0 - front * betaFraction(b, a, 1.0 - x) / b;
}

double studentProbability(double t, double degrees)
{
    const double tail = 0.5 * incompleteBeta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    return t > 0.0 ? 1.0 - tail : tail;
}

/// Where a rising function passes `wanted`.
template <typename Function>
double bisected(double low, double high, double wanted, const Function& function)
{
    for (int i = 0; i < 200 && high - low > 1e-14 * std::max(1.0, std::abs(low)); ++i) {
        const double middle = (low + high) / 2.0;
        (function(middle) < wanted ? low : high) = middle;
    }
    return (low + high) / 2.0;
}

} // namespace

double normalProbability(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double normalQuantile(double probability) { return bisected(-40.0, 40.0, probability, normalProbability); }

double studentQuantile(double probability, double degrees)
{
    return bisected(-1e4, 1e4, probability, [=](double t) { return studentProbability(t, degrees); });
}

ConfidenceInterval proportionInterval(std::uint64_t hits, std::uint64_t n)
{
    const auto count = static_cast<double>(n);
    const double p = static_cast<double>(hits) / count;
    const double z2 = kNormalTail * kNormalTail;
    const double centre = (p + z2 / (2.0 * count)) / (1.0 + z2 / count);
    const double half =
        kNormalTail / (1.0 + z2 / count) * std::sqrt(p * (1.0 - p) / count + z2 / (4.0 * count * count));
    return {hits == 0 ? 0.0 : 100.0 * std::max(0.0, centre - half),
            hits == n ? 100.0 : 100.0 * std::min(1.0, centre + half), "wilson", n};
}

ConfidenceInterval pairedInterval(std::uint64_t onlyFirst, std::uint64_t onlySecond, std::uint64_t n)
{
    const auto count = static_cast<double>(n);
    const auto b = static_cast<double>(onlyFirst);
    const auto c = static_cast<double>(onlySecond);
    const auto score = [&](double delta) { // falls from +∞ to −∞ as delta goes from −1 to 1
        const double first = 2.0 * count;
        const double second = -b - c + (2.0 * count - b + c) * delta;
        const double third = -c * delta * (1.0 - delta);
        const double root = std::sqrt(std::max(0.0, second * second - 4.0 * first * third));
        const double q = (root - second) / (2.0 * first);
        const double variance = count * (2.0 * q + delta * (1.0 - delta));
        const double distance = b - c - count * delta;
        return variance > 0.0 ? distance / std::sqrt(variance)
            : distance > 0.0  ? 1e9
            : distance < 0.0  ? -1e9
                              : 0.0;
    };
    const double estimate = (b - c) / count;
    const auto falling = [&](double delta) { return -score(delta); };
    return {100.0 * bisected(-1.0, estimate, -kNormalTail, falling),
            100.0 * bisected(estimate, 1.0, kNormalTail, falling), "tango", n};
}

std::optional<ConfidenceInterval> meanInterval(std::span<const double> values)
{
    if (values.size() < 2) {
        return std::nullopt;
    }
    const auto n = static_cast<double>(values.size());
    double mean = 0.0;
    for (const double x : values) {
        mean += x / n;
    }
    double squares = 0.0;
    for (const double x : values) {
        squares += (x - mean) * (x - mean);
    }
    const double half = studentQuantile(kTail, n - 1.0) * std::sqrt(squares / (n - 1.0) / n);
    return std::isfinite(half)
        ? std::optional(ConfidenceInterval{mean - half, mean + half, "t", values.size()})
        : std::nullopt;
}

std::optional<ConfidenceInterval> decibelInterval(std::span<const double> signal,
                                                  std::span<const double> error)
{
    if (signal.size() < 2) {
        return std::nullopt;
    }
    double signals = 0.0;
    double errors = 0.0;
    for (std::size_t i = 0; i < signal.size(); ++i) {
        signals += signal[i];
        errors += error[i];
    }
    if (!(signals > 0.0) || !(errors > 0.0) || !std::isfinite(signals + errors)) {
        return std::nullopt;
    }
    const double ratio = errors / signals;
    const auto n = static_cast<double>(signal.size());
    double squares = 0.0;
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const double rest = error[i] - ratio * signal[i];
        squares += rest * rest;
    }
    const double relative = std::sqrt(n / (n - 1.0) * squares) / errors; // standard error of ln(ratio)
    const double half = studentQuantile(kTail, n - 1.0) * 10.0 / std::log(10.0) * relative;
    const double decibels = -10.0 * std::log10(ratio);
    return ConfidenceInterval{decibels - half, decibels + half, "delta method, t", signal.size()};
}

std::optional<std::size_t> neededSamples(double estimate, const ConfidenceInterval& interval)
{
    const double reach = estimate > 0.0 ? estimate - interval.lower : interval.upper - estimate;
    if (estimate == 0.0 || !std::isfinite(reach)) {
        return std::nullopt;
    }
    const double factor = reach / std::abs(estimate);
    const auto now = static_cast<double>(interval.n);
    const double samples = std::max(std::ceil(now * factor * factor), interval.spansZero() ? now + 1.0 : 1.0);
    constexpr double kMost = 1e12;
    return samples < kMost ? std::optional(static_cast<std::size_t>(samples)) : std::nullopt;
}

} // namespace core
