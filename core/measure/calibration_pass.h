#pragma once

#include "core/base/progress.h"
#include "core/calibration/collector.h"
#include "core/execution/pipeline.h"
#include "core/network/sequence.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace core {

/// Statistics of a float value of one execution, its items merged.
[[nodiscard]] TensorStatistics statisticsOfValue(const Sample& sample, const Tensor& value);

/// The values of each item of a sample's batch; the whole of a tensor whose leading axis is not the batch.
/// What fills a last batch up is left out. Views of the tensor.
[[nodiscard]] std::vector<std::span<const float>> valuesByItem(const Sample& sample, const Tensor& tensor);

/// Statistics of every float value of one execution, by item of its batch, then by ValueId; `samples` is 0
/// where there is none. Merged item by item, in order, so that results do not depend on how items are put
/// into batches; the repetition that fills a last batch is left out. What has no batch axis belongs to the
/// first item.
[[nodiscard]] std::vector<std::vector<TensorStatistics>>
statisticsOfItems(const OperatorGraph& graph, const Sample& sample, const SampleValues& values);

/// The same with the items merged.
[[nodiscard]] std::vector<TensorStatistics>
statisticsOfValues(const OperatorGraph& graph, const Sample& sample, const SampleValues& values);

/// Adds one sample, value by value. Call it in sample order.
void mergeStatistics(std::vector<TensorStatistics>& total, const std::vector<TensorStatistics>& sample);

/// What a pass over the calibration data must find out.
struct CalibrationRequest
{
    bool statistics = true; ///< false: they are known, only `methods` are new
    std::vector<CalibrationMethod> methods; ///< those that isCollected(); each is fed every float value
    CustomMethods custom; ///< what `custom:NAME` stands for
};

/// Statistics of every float value over a data set, streamed in one FP32 pass, with the states of the methods
/// asked for (TensorStatistics::collected). Workers run ahead of the ordered part by a few samples at most,
/// so memory does not depend on the number of samples. None when stopped.
[[nodiscard]] std::optional<std::vector<TensorStatistics>>
collectStatistics(const Pipeline& pipeline, const Dataset& data, std::size_t samples, int threads,
                  const std::stop_token& stop, const ProgressCallback& progress,
                  const CalibrationRequest& request = {}, const std::vector<StateLink>& states = kNoStates);

/// One FP32 pass in data order, sample after sample, every value shown to `look`. False when stopped.
bool observeSamples(const Pipeline& pipeline, const Dataset& data, std::size_t samples,
                    const std::vector<StateLink>& states,
                    const std::function<void(const Sample&, const SampleValues&)>& look,
                    const std::stop_token& stop, const ProgressCallback& progress);

/// The same for every channel of one value, each with its own histogram; runs the network only as far as that
/// value. Recurrent states stay the initial ones. None when stopped.
[[nodiscard]] std::optional<std::vector<TensorStatistics>>
collectChannelStatistics(const Pipeline& pipeline, const Dataset& data, ValueId value, std::size_t samples,
                         int threads, const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
