#pragma once

#include "core/params/quantization_params.h"
#include "core/statistics/statistics.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core {

/// A calibration method as a plan names it: `percentile:99.99` is {"percentile", 99.99}. Aliases are resolved
/// on parsing.
struct CalibrationMethod
{
    std::string name = "minmax";
    std::optional<double> parameter;
    bool operator==(const CalibrationMethod&) const = default;
};

/// What the range is chosen for.
struct CalibrationTarget
{
    Scheme scheme = Scheme::Asymmetric;
    int bits = 8;
    bool operator==(const CalibrationTarget&) const = default;
};

/// One calibration method. Each lives in its own file with its source named; adding one is that file
/// and its line in methods.cpp.
struct CalibrationMethodDefinition
{
    /// From the statistics of a tensor to its thresholds, 0 included. Pure. Never called with no finite
    /// value.
    using Choose = Range (*)(const TensorStatistics&, const CalibrationTarget&, double parameter);
    /// The state of an order-dependent method for one tensor.
    using Collect = std::unique_ptr<Collector> (*)(double parameter);

    std::string_view name;
    std::string_view alias{}; ///< empty, or another accepted name
    std::string_view title; ///< for people: "Entropy (KL)"
    std::string_view help; ///< one line
    std::optional<double> parameter{}; ///< default of the parameter; none when the method takes no parameter
    double lowest = 0.0; ///< bounds of the parameter
    double highest = 0.0;
    Choose choose = nullptr; ///< where `collect` is set, too: what it comes to on the merged histogram
    Collect collect = nullptr; ///< set for methods that take the samples in data order
    bool isByName =
        false; ///< left out where all methods are asked for: too slow, or another one on other bins
    bool isParameterQuiet = false; ///< the default parameter is left out of the method's text

    /// Whether the method takes its range from data; `manual` and `dynamic` do not.
    [[nodiscard]] bool choosesFromData() const { return choose || collect; }
    /// The method with its default parameter.
    [[nodiscard]] CalibrationMethod byDefault() const
    {
        return {std::string(name), isParameterQuiet ? std::nullopt : parameter};
    }
};

[[nodiscard]] std::span<const CalibrationMethodDefinition> calibrationMethods();
/// Null when there is none of that name or alias.
[[nodiscard]] const CalibrationMethodDefinition* findCalibrationMethod(std::string_view name);

/// "percentile:99.99" → method. Throws core::Error(Usage) listing near misses, or naming the bounds of the
/// parameter.
[[nodiscard]] CalibrationMethod parseCalibrationMethod(std::string_view text);
[[nodiscard]] std::string toString(const CalibrationMethod& method);

/// Thresholds by that method; {0, 0} when the tensor has no finite value. `manual` is not resolved here. An
/// order-dependent method answers from what it collected; where the statistics hold nothing of it, from the
/// merged histogram if it can, else core::Error(Usage) is thrown.
[[nodiscard]] Range calibrate(const TensorStatistics& statistics, const CalibrationMethod& method,
                              const CalibrationTarget& target);

/// The same for values that are all there at once, such as weights: one sample.
[[nodiscard]] Range calibrateValues(std::span<const float> values, const CalibrationMethod& method,
                                    const CalibrationTarget& target);

/// Expected cost of quantizing to a range, from the histogram (values at bin centres, zeros exact).
struct QuantizationCost
{
    double clipSquared = 0.0; ///< Σ (y − clamp(y))²
    double roundSquared = 0.0; ///< Σ (clamp(y) − Q(y))²
    double cross = 0.0; ///< 2 Σ (y − clamp(y))·(clamp(y) − Q(y))
    double clippedShare = 0.0; ///< share of values outside the representable range
    double signalSquared = 0.0; ///< Σ y²
    [[nodiscard]] double totalSquared() const { return clipSquared + roundSquared + cross; }
    [[nodiscard]] double sqnrDb() const; ///< 10·log10(signal / total); +inf when total is 0
};
[[nodiscard]] QuantizationCost quantizationCost(const TensorStatistics& statistics,
                                                const QuantizationParams& params);

} // namespace core
