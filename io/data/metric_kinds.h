#pragma once

#include "core/metrics/metric.h"
#include "io/files/json_object.h"

#include <filesystem>
#include <span>

namespace io {

/// What the truth of a metric's samples is, and so how its labels are written.
enum class TruthForm
{
    Class, ///< the class of a sample
    Boxes, ///< a CSV of file, class, x1, y1, x2, y2 [, crowd] [, width, height]
    Text, ///< a CSV of file and a column (text)
    Array ///< an array whose first axis counts the samples
};

/// What a metric has to know besides its own keys.
struct MetricPlace
{
    std::filesystem::path folder; ///< that paths are relative to
    double pictureWidth = 640.0; ///< of the network's input
    double pictureHeight = 640.0;
    const core::CustomMetrics* custom = nullptr; ///< of the user's own settings
};

struct MetricKind
{
    std::string_view kind;
    std::string_view help;
    TruthForm truth;
    std::span<const std::string_view> keys; ///< of its own
    core::MetricPtr (*make)(const JsonObject& object, const MetricPlace& place);
};

/// All of them, in the order of help.
[[nodiscard]] std::span<const MetricKind> metricKinds();

/// The row of object["kind"], after its keys were checked; of custom:NAME the one whose truth is as "truth"
/// says. A command is refused: what a file says is not run.
[[nodiscard]] const MetricKind& metricKindOf(const JsonObject& object);

/// Names of the outputs that a metric reads, in its order; one empty name stands for the single output.
[[nodiscard]] std::vector<std::string> metricOutputNames(const JsonObject& object);

} // namespace io
