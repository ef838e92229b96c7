#include "core/report/non_finite.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace core {

double relativeError(double squaredError, double squaredReference)
{
    if (squaredError == 0.0) {
        return 0.0;
    }
    const double relative = std::sqrt(squaredError / squaredReference);
    return std::isfinite(relative) && std::isfinite(squaredError) && squaredReference > 0.0
        ? relative
        : std::numeric_limits<double>::infinity();
}

std::optional<double> decibelsOf(double relativeError)
{
    return relativeError == 0.0 ? std::nullopt : std::optional(-20.0 * std::log10(relativeError));
}

double decibelGain(const std::optional<double>& from, const std::optional<double>& to)
{
    constexpr double kExactDb = 150.0;
    return std::max(to.value_or(kExactDb), -kExactDb) - std::max(from.value_or(kExactDb), -kExactDb);
}

std::string_view nonFiniteName(const ErrorMetrics& metrics)
{
    if (std::isnan(metrics.l2)) {
        return "nan";
    }
    if (std::isinf(metrics.l2)) {
        return "infinity";
    }
    return metrics.sqnrDb && std::isinf(*metrics.sqnrDb) ? "no-reference" : "";
}

bool isNonFinite(const ErrorMetrics& metrics) { return !std::isfinite(metrics.l2); }

bool isNonFinite(const LayerReport& layer)
{
    return (layer.isolated && isNonFinite(*layer.isolated))
        || (layer.accumulated && isNonFinite(*layer.accumulated));
}

std::string decibelWords(const ErrorMetrics& metrics)
{
    const std::string_view name = nonFiniteName(metrics);
    return name == "nan" ? "NaN" : !name.empty() ? std::string(name) : decibelWords(metrics.sqnrDb);
}

std::string decibelWords(const std::optional<double>& sqnrDb)
{
    return !sqnrDb ? "exact" : std::isfinite(*sqnrDb) ? fmt::format("{:.2f}", *sqnrDb) : "non-finite";
}

} // namespace core
