#pragma once

#include "core/base/memory_budget.h"
#include "core/base/progress.h"
#include "core/calibration/collector.h"
#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/report.h"
#include "core/report/run_results.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

struct SessionOptions
{
    int threads = 0; ///< 0: one per core
    std::size_t cacheBytes = cacheBytesOf(defaultMemoryBytes()); ///< budget of all that is kept to save time
    bool keepsActivations = true; ///< false where nothing is run again: only results and weights are kept
    std::size_t sampleLimit = 0; ///< 0: all evaluation samples
    bool isolatedErrors = true;
    bool pipelineShadow = false; ///< also each operator's error on what the quantized pipeline hands it
    CustomMethods customMethods{}; ///< from the user's settings: what `custom:NAME` in a plan stands for
};

struct PreparedNetwork; // core/measure/prepared_network.h

/// The graph for inputs of other shapes, one per input of the bound graph.
using RebindGraph = std::function<std::shared_ptr<const Graph>(const std::vector<Shape>&)>;

struct ModelInfo
{
    std::string file; ///< base name
    std::string sha256;
    std::size_t nodes = 0;
    std::shared_ptr<const WrittenQuantization>
        written; ///< of an already-quantized model whose FP32 shadow this is
};

/// What a run measures.
enum class RunScope : std::uint8_t
{
    Everything,
    WithoutIsolated, ///< no isolated errors but those that are known already
};

/// A report on the first samples of a run that goes on (Report::samples of them), and their FP32 statistics.
/// What an earlier run measured on all samples is in it as it is: each error says its number of samples.
using EarlyReport =
    std::function<void(std::shared_ptr<const Report> report,
                       std::shared_ptr<const std::map<std::string, TensorStatistics>> evaluation)>;

/// Everything that a window or a command needs to know of one tensor of one sample.
struct SampleTensors
{
    Tensor fp32; ///< float32
    Tensor quantized; ///< dequantized float32 of the quantized pipeline, same layout
};

/// A network, its data, and everything computed so far. run() is a pure function of (graph, data, plan):
/// results found in the cache and results computed anew are bit-identical, for any number of threads.
/// Not to be called from two threads at once; operators() and statistics may be read meanwhile.
class Session
{
public:
    /// Without `rebind` all samples must have the shapes of the graph's inputs.
    Session(std::shared_ptr<const Graph> graph, ModelInfo model, DataSource data, SessionOptions options,
            RebindGraph rebind = {});
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Streams the calibration data through the FP32 pipeline once. Idempotent; run() calls it when needed.
    /// False when stopped.
    bool calibrate(const std::stop_token& stop, const ProgressCallback& progress);
    /// The same for the graph as that plan fuses it.
    bool calibrate(const QuantizationPlan& plan, const std::stop_token& stop,
                   const ProgressCallback& progress);

    /// Statistics that an earlier session of the same model, data and limits collected, in place of the
    /// passes that would collect them again. Ignored where a value of the graph is missing in them, and for
    /// plans that equalize other operators than `plan`, which they were collected under. Call before anything
    /// else.
    void restore(std::shared_ptr<const std::map<std::string, TensorStatistics>> calibration,
                 std::shared_ptr<const std::map<std::string, TensorStatistics>> evaluation,
                 const QuantizationPlan& plan = QuantizationPlan::makeDefault());

    /// Methods that the next pass over the calibration data has to serve besides those of the plan it is for.
    /// Methods that look at the samples in data order and were not asked for in time cost one more pass.
    /// Throws core::Error(Usage) for a custom collector that the user's settings do not have.
    void collect(const std::vector<CalibrationMethod>& methods);

    /// Bytes of weights, packed kernels, results and activations that are kept for later runs; at most
    /// SessionOptions::cacheBytes, and what the last runs cannot do without.
    [[nodiscard]] std::size_t keptBytes() const;
    /// That budget, for analyses that keep values of their own.
    [[nodiscard]] const std::shared_ptr<MemoryBudget>& budget() const;
    /// Whole executions of the FP32 pipeline so far, one per sample, in calibration and evaluation together.
    [[nodiscard]] std::uint64_t floatExecutions() const;

    /// Both pipelines over the evaluation data. None when stopped: what was finished stays in the cache.
    /// `early` gets the first 8, 32, 128, … samples while a run takes its time, from the threads that run
    /// them; the report that is returned does not depend on it.
    /// Throws core::Error on a plan that names what does not exist.
    [[nodiscard]] std::shared_ptr<const Report> run(std::shared_ptr<const QuantizationPlan> plan,
                                                    const std::stop_token& stop,
                                                    const ProgressCallback& progress,
                                                    RunScope scope = RunScope::Everything,
                                                    const EarlyReport& early = {});

    /// Only what the network's outputs do under a plan: no errors of operators, so the quantized pipeline
    /// alone runs once the FP32 outputs are known. None when stopped; no accuracy inside when there is no
    /// classifier output.
    [[nodiscard]] std::shared_ptr<const OutputResult>
    outputs(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress);

    /// Leave-one-in: error at the network's output when only that operator is quantized, over the first
    /// `samples` evaluation samples. Returns the report with LayerReport::atOutput filled in; none when
    /// stopped.
    [[nodiscard]] std::shared_ptr<const Report> addSensitivity(std::shared_ptr<const Report> report,
                                                               std::size_t samples,
                                                               const std::stop_token& stop,
                                                               const ProgressCallback& progress);

    /// One tensor of one evaluation sample in both pipelines under a plan.
    [[nodiscard]] std::optional<SampleTensors> tensors(std::shared_ptr<const QuantizationPlan> plan,
                                                       OperatorId op, std::size_t sample,
                                                       const std::stop_token& stop);

    /// Statistics of every channel of what an operator writes, each with its own histogram, over the
    /// calibration data: one more pass as far as that operator. None when stopped.
    [[nodiscard]] std::optional<std::vector<TensorStatistics>>
    channelStatistics(const QuantizationPlan& plan, OperatorId op, const std::stop_token& stop,
                      const ProgressCallback& progress);

    /// Shows the FP32 values of the calibration data, by ValueId of the graph as that plan fuses it, to
    /// `look`: sample by sample, in data order, states fed back. False when stopped.
    bool observe(const QuantizationPlan& plan,
                 const std::function<void(const Sample&, const std::vector<Tensor>&)>& look,
                 const std::stop_token& stop, const ProgressCallback& progress);

    /// What a plan comes down to: effective precisions, params of every value, codes of every weight.
    /// Calibrates when needed; none when stopped. What exports are written from.
    [[nodiscard]] std::optional<ResolvedPlan>
    resolve(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress);

    /// Everything that running single operators under a plan takes, for analyses of their own. Calibrates
    /// when needed; none when stopped. Not to be used beyond the session's life.
    [[nodiscard]] std::shared_ptr<const PreparedNetwork>
    prepare(const QuantizationPlan& plan, const std::stop_token& stop, const ProgressCallback& progress);

    /// The graph as that plan fuses it.
    [[nodiscard]] std::shared_ptr<const OperatorGraph> operators(const QuantizationPlan& plan) const;

    /// Calibration statistics by value name (FP32, calibration data); empty before calibrate().
    [[nodiscard]] std::shared_ptr<const std::map<std::string, TensorStatistics>>
    calibrationStatistics() const;
    /// The same over the evaluation data, from the last run; what the code counts of a report are compared
    /// with.
    [[nodiscard]] std::shared_ptr<const std::map<std::string, TensorStatistics>> evaluationStatistics() const;

    [[nodiscard]] const DataSource& data() const;
    /// Evaluation samples that a run goes over.
    [[nodiscard]] std::size_t evaluatedSamples() const;
    [[nodiscard]] const ModelInfo& model() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core
