#pragma once

#include "core/metrics/metric.h"

namespace core {

/// scale · Σ w·numerator / Σ w·denominator, evidence {numerator, denominator} or {numerator} with
/// denominator 1; `root` and `exponential` are applied to the quotient before the scale.
enum class RatioForm : std::uint8_t
{
    Plain,
    Root,
    Exponential
};

[[nodiscard]] std::unique_ptr<MetricAggregate> ratioOver(std::span<const Evidence> all, double scale,
                                                         RatioForm form = RatioForm::Plain);

} // namespace core
