#pragma once

#include "core/metrics/metric.h"
#include "io/files/external_command.h"

#include <filesystem>
#include <string>
#include <vector>

namespace io {

/// What the user's settings say of a metric of their own.
struct CommandMetricSettings
{
    std::string name; ///< as reports and --fail-if have it
    std::string title; ///< for people
    std::string unit;
    bool higherIsBetter = true;
    std::vector<std::string> command;
    std::filesystem::path folder; ///< that it runs in
    CommandLimits limits;
};

/// A metric that asks an external command, which is kept running: a line of JSON for every item of every
/// pipeline, one number as the answer, null where the item says nothing. The value is the mean of the
/// numbers. Items are asked one after the other. Errors (core::Error) name the metric and the command.
[[nodiscard]] core::MetricPtr makeCommandMetric(const CommandMetricSettings& settings);

/// What the command reads: "noisefloor-metric/1", without an end of line. NaN and infinity are null.
[[nodiscard]] std::string metricQuestion(const core::MetricSample& sample, const core::Truth& truth);

} // namespace io
