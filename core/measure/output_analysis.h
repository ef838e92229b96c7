#pragma once

#include "core/metrics/metric_task.h"
#include "core/network/operator_graph.h"
#include "core/report/report.h"
#include "core/tensor/dataset.h"
#include "core/tensor/tensor.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// One tensor at which the error of the whole network is measured.
struct MeasuredOutput
{
    ValueId value = kNoValue;
    std::string name;
    std::string kind; ///< "logits", "probabilities" or "output"
    bool hasKnownShape = true; ///< else its first axis may be anything, no batch: all of it counts
};

/// The graph's outputs; behind a final Softmax or Sigmoid (through Reshape and Flatten) also its input, as
/// "logits". With labels the classifier output itself counts as logits where no Softmax follows.
[[nodiscard]] std::vector<MeasuredOutput> measuredOutputs(const OperatorGraph& graph,
                                                          const std::string& labelsOutput, bool labelled);

/// The output whose largest element is the predicted class: the one labels name, else the single one of shape
/// B×C(×1…), C ≥ 2.
[[nodiscard]] std::optional<ValueId> classifierOutput(const OperatorGraph& graph,
                                                      const std::string& labelsOutput);

/// The values a metric reads. Throws core::Error(Usage) for a name that is no output, with near misses, and
/// for an output that no operator computes.
[[nodiscard]] std::vector<ValueId> metricOutputs(const OperatorGraph& graph, const MetricTask& task);

/// Predicted class of each item: the lowest index among the largest values, −1 where one is NaN. `label`
/// ranks: how many values beat it.
struct Prediction
{
    std::int64_t top = -1;
    bool isTie = false;
    std::int64_t labelRank = -1; ///< 0 = predicted; −1 without a label
};
[[nodiscard]] std::vector<Prediction> predictionsOf(const Tensor& output, const Sample& sample);

/// Top-1 and top-5 in percent and the agreement of both pipelines.
class AccuracyCount
{
public:
    void add(const std::vector<Prediction>& fp32, const std::vector<Prediction>& quantized);
    [[nodiscard]] std::optional<Accuracy> result() const;

private:
    std::uint64_t m_items = 0;
    std::uint64_t m_labelled = 0;
    std::uint64_t m_agree = 0;
    std::uint64_t m_ties = 0;
    std::array<std::uint64_t, 4> m_hits{}; // fp32 top-1, top-5, quantized top-1, top-5
    std::array<std::uint64_t, 4> m_alone{}; // only fp32 hits: top-1, top-5; only the quantized one: the same
};

} // namespace core
