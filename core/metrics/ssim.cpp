#include "core/metrics/ssim.h"

#include <array>
#include <cmath>
#include <vector>

namespace core {

namespace {

constexpr std::size_t kWindow = 11;

std::array<double, kWindow> gaussian()
{
    constexpr double kSigma = 1.5;
    std::array<double, kWindow> weights{};
    double sum = 0.0;
    for (std::size_t i = 0; i < kWindow; ++i) {
        const double x = static_cast<double>(i) - (static_cast<double>(kWindow) - 1.0) / 2.0;
        weights[i] = std::exp(-x * x / (2.0 * kSigma * kSigma));
        sum += weights[i];
    }
    for (double& weight : weights) {
        weight /= sum;
    }
    return weights;
}

/// Weighted sums over every window that fits; rows, then columns.
std::vector<double> filtered(const std::vector<double>& picture, std::size_t height, std::size_t width)
{
    static const auto weights = gaussian();
    const std::size_t columns = width - kWindow + 1;
    const std::size_t rows = height - kWindow + 1;
    std::vector<double> across(height * columns, 0.0);
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            for (std::size_t k = 0; k < kWindow; ++k) {
                across[y * columns + x] += weights[k] * picture[y * width + x + k];
            }
        }
    }
    std::vector<double> result(rows * columns, 0.0);
    for (std::size_t y = 0; y < rows; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            for (std::size_t k = 0; k < kWindow; ++k) {
                result[y * columns + x] += weights[k] * across[(y + k) * columns + x];
            }
        }
    }
    return result;
}

std::vector<double> product(std::span<const double> a, std::span<const double> b)
{
    std::vector<double> result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        result[i] = a[i] * b[i];
    }
    return result;
}

} // namespace

double ssimOf(std::span<const double> a, std::span<const double> b, std::size_t height, std::size_t width,
              double peak)
{
    const auto meanA = filtered({a.begin(), a.end()}, height, width);
    const auto meanB = filtered({b.begin(), b.end()}, height, width);
    const auto squareA = filtered(product(a, a), height, width);
    const auto squareB = filtered(product(b, b), height, width);
    const auto both = filtered(product(a, b), height, width);
    const double c1 = (0.01 * peak) * (0.01 * peak);
    const double c2 = (0.03 * peak) * (0.03 * peak);
    double sum = 0.0;
    for (std::size_t i = 0; i < meanA.size(); ++i) {
        const double mm = meanA[i] * meanB[i];
        const double squares = meanA[i] * meanA[i] + meanB[i] * meanB[i];
        sum += (2.0 * mm + c1) * (2.0 * (both[i] - mm) + c2)
            / ((squares + c1) * (squareA[i] + squareB[i] - squares + c2));
    }
    return sum / static_cast<double>(meanA.size());
}

} // namespace core
