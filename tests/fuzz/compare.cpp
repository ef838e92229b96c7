#include "tests/fuzz/compare.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace fuzz {

namespace {

constexpr double kLeastRange = 1e-32;

/// Of the type's own steps, where they are coarser than what is asked for.
double stepOf(core::DataType type)
{
    return type == core::DataType::Float16 ? 2e-3 : type == core::DataType::BFloat16 ? 2e-2 : 0.0;
}

double largestFinite(const std::vector<double>& values)
{
    double largest = 0.0;
    for (const double value : values) {
        largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : largest;
    }
    return largest;
}

bool isSame(double found, double expected, double allowed)
{
    if (std::isnan(expected) || std::isnan(found)) {
        return std::isnan(expected) == std::isnan(found);
    }
    return found == expected || std::fabs(found - expected) <= allowed;
}

} // namespace

std::optional<std::string> difference(const core::Tensor& found, const core::Tensor& expected,
                                      const Tolerance& tolerance)
{
    if (found.type() != expected.type() || found.shape() != expected.shape()) {
        return fmt::format("{} {} is expected, {} {} found", core::nameOf(expected.type()),
                           core::toString(expected.shape()), core::nameOf(found.type()),
                           core::toString(found.shape()));
    }
    const auto y = core::doublesOf(core::toLayout(found, core::Layout::RowMajor));
    const auto wanted = core::doublesOf(core::toLayout(expected, core::Layout::RowMajor));
    const bool isReal = core::isFloatingPoint(found.type());
    const double range = largestFinite(wanted);
    // Subnormals have few bits, and some engines have none.
    const double plain =
        isReal ? std::max(tolerance.ofRange, stepOf(found.type())) * std::max(range, kLeastRange) : 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (tolerance.skipsNonFinite && (!std::isfinite(y[i]) || !std::isfinite(wanted[i]))) {
            continue;
        }
        const double allowed = i < tolerance.allowed.size() ? tolerance.allowed[i] : 0.0;
        if (!std::isinf(allowed) && !isSame(y[i], wanted[i], plain + allowed)) {
            return fmt::format("[{}]: {:g} is expected, {:g} found ({:.2g} of the range)", i, wanted[i], y[i],
                               std::fabs(y[i] - wanted[i]) / range);
        }
    }
    return std::nullopt;
}

} // namespace fuzz
