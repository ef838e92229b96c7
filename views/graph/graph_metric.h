#pragma once

#include "core/report/report.h"

#include <QString>

#include <array>
#include <optional>

namespace views {

/// What boxes of the graph are coloured by.
enum class GraphMetric
{
    AtOutput,
    Isolated,
    Accumulated,
    WeightError,
    Clipped,
    RangeUnused,
    RmseLsb,
    Time
};
inline constexpr std::array kGraphMetrics{
    GraphMetric::AtOutput, GraphMetric::Isolated,    GraphMetric::Accumulated, GraphMetric::WeightError,
    GraphMetric::Clipped,  GraphMetric::RangeUnused, GraphMetric::RmseLsb,     GraphMetric::Time};

/// A logarithmic scale that never changes, so that colours of two runs and two networks compare.
struct GraphScale
{
    QString title; ///< "isolated error, relative L2"
    double low = 0.0; ///< and below: cold
    double high = 1.0; ///< and above: hot
    [[nodiscard]] double heat(double value) const; ///< 0 … 1
};

[[nodiscard]] GraphScale scaleOf(GraphMetric metric);
[[nodiscard]] QString menuTextOf(GraphMetric metric); ///< "Error at the output"
[[nodiscard]] QString formulaOf(GraphMetric metric); ///< for tooltips, with unit
[[nodiscard]] std::optional<double> valueOf(GraphMetric metric, const core::LayerReport& layer);
[[nodiscard]] QString valueText(GraphMetric metric, double value);
[[nodiscard]] QString legendText(GraphMetric metric, double value); ///< shorter: "3.2 %"

} // namespace views
