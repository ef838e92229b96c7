#pragma once

#include "core/measure/output_analysis.h"
#include "core/report/report.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace core {

/// What quantization does to the outputs of a network, in few numbers, so that it can be kept in a file.
struct OutputEffect
{
    struct Sums
    {
        double squaredError = 0.0; ///< Σ(y − ŷ)² over samples and elements
        double squaredReference = 0.0; ///< Σy²
    };
    std::vector<Sums> outputs; ///< by measured output
    std::optional<Accuracy> accuracy;
    std::uint64_t samples = 0;
    /// What the user's own number loses; none without one.
    struct MetricLoss
    {
        std::string kind;
        double drop = 0.0;
        std::optional<ConfidenceInterval> interval;
    };
    std::optional<MetricLoss> metric;
};

/// ‖y − ŷ‖ / ‖y‖ of the output that decides: the logits where there are any, else the worst. None for x/0.
[[nodiscard]] std::optional<double> relativeL2Of(const OutputEffect& effect,
                                                 const std::vector<MeasuredOutput>& outputs);

/// −20·log10 of relativeL2Of; none where the output is exact (sorts as +∞).
[[nodiscard]] std::optional<double> sqnrDbOf(const OutputEffect& effect,
                                             const std::vector<MeasuredOutput>& outputs);

/// Top-1 of FP32 minus top-1 of the quantized network in points; none without labels.
[[nodiscard]] std::optional<double> top1DropOf(const OutputEffect& effect);

} // namespace core
