#pragma once

#include "core/base/progress.h"
#include "core/execution/pipeline.h"
#include "core/measure/activation_cache.h"
#include "core/measure/output_analysis.h"
#include "core/measure/prepared_network.h"
#include "core/network/sequence.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/run_results.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace core {

/// What a pass over the evaluation data has to find out.
struct EvaluationTask
{
    std::vector<bool> accumulated; ///< by OperatorId
    std::vector<bool> isolated;
    bool shadow = false; ///< of `accumulated`, those that run on codes: their FP32 forms on the same inputs
    bool outputs = false;
    bool statistics = false; ///< FP32 statistics of the evaluation data
    [[nodiscard]] bool isEmpty() const;
};

/// What it runs over.
struct EvaluationData
{
    const Dataset& data;
    std::size_t samples = 0;
    ActivationCache& cache;
};

struct EvaluationOutput
{
    std::vector<std::shared_ptr<AccumulatedResult>> accumulated; ///< by OperatorId, null where not asked for
    std::vector<std::shared_ptr<IsolatedResult>> isolated;
    std::shared_ptr<OutputResult> outputs;
    std::vector<TensorStatistics> statistics; ///< by ValueId
    std::vector<double> fp32Microseconds; ///< by OperatorId, summed over fp32Samples
    std::size_t fp32Samples = 0;

    /// Microseconds of FP32 by OperatorId; empty where no sample ran.
    [[nodiscard]] std::vector<double> fp32PerSample() const;
};

/// What the first `samples` samples give, while the others are still running.
using EarlyOutput = std::function<void(EvaluationOutput&& output, std::size_t samples)>;

/// Runs both pipelines over the samples, as far as the task needs and the cache does not know. None when
/// stopped. `early` is called behind sample 8, 32, 128, … where the rest will take longer than kShortRest; on
/// a thread that runs samples, one call at a time.
[[nodiscard]] std::optional<EvaluationOutput>
evaluate(const PreparedNetwork& network, const EvaluationData& over, const EvaluationTask& task,
         const std::stop_token& stop, const ProgressCallback& progress, const EarlyOutput& early = {});

inline constexpr std::chrono::milliseconds kShortRest(400);

} // namespace core
