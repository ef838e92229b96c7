#pragma once

#include "core/measure/evaluation.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace core {

/// What one sample adds to every result asked for.
struct SamplePartial
{
    struct Accumulated
    {
        kernels::ErrorSums sums;
        std::array<std::uint64_t, 256> codes{};
        std::optional<kernels::ErrorSums> shadow;
        Tensor saturation; ///< counts, where sums can saturate
        double microseconds = 0.0;
        BorderTime conversion;
        bool ran = false;
    };
    struct Isolated
    {
        kernels::ErrorSums sums;
        kernels::QuantizationSplit split;
    };
    std::vector<Accumulated> accumulated;
    std::vector<Isolated> isolated;
    std::vector<kernels::ErrorSums> outputs;
    std::vector<Prediction> fp32;
    std::vector<Prediction> quantized;
    std::vector<std::int64_t> labels;
    MetricEvidence metric; ///< by item
    std::vector<TensorStatistics> statistics;
    std::vector<double> fp32Microseconds; // empty when FP32 came from the cache
};

/// Runs both pipelines on one sample and measures what is asked for. Feeds the states back.
[[nodiscard]] SamplePartial runSample(const PreparedNetwork& network, const EvaluationData& over,
                                      const EvaluationTask& task, std::size_t index, Feedback& states);

} // namespace core
