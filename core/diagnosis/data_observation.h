#pragma once

#include "core/execution/pipeline.h"
#include "core/params/quantization_params.h"
#include "core/session/session.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// What the channels of one graph input look like in one data set.
struct InputLook
{
    std::vector<std::vector<double>> sampleMeans; ///< by sample, by channel
    std::vector<double> mean; ///< by channel, of the sample means
    double typicalMean = 0.0; ///< median of the samples' means: one odd sample does not move it
    double typicalDeviation = 0.0; ///< median of the samples' standard deviations
    double roughness = 0.0; ///< mean |x[i + 1] − x[i]| in memory order
    double roughnessAtThree = 0.0; ///< mean |x[i + 3] − x[i]|: below roughness where colours lie side by side

    [[nodiscard]] std::size_t samples() const { return sampleMeans.size(); }
};

struct ObservedInput
{
    std::string name;
    InputLook calibration;
    InputLook evaluation; ///< empty where calibration uses the evaluation data
};

/// What a diagnosis wants to know of the data besides merged statistics.
struct DataObservation
{
    std::vector<ObservedInput> inputs; ///< in the order of the graph's inputs
    /// FP32 range of what each operator writes, by OperatorId, by calibration sample; {0, 0} where nothing
    /// finite.
    std::vector<std::vector<Range>> sampleRanges;
    std::vector<std::string> sampleNames; ///< of the calibration samples
};

/// Looks at up to `most` samples of each set that have the graph's shapes. None when stopped.
[[nodiscard]] std::optional<DataObservation> observeData(const Pipeline& pipeline, const DataSource& data,
                                                         std::size_t evaluationSamples, std::size_t most,
                                                         int threads, const std::stop_token& stop,
                                                         const ProgressCallback& progress);

} // namespace core
