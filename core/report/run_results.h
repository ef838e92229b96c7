#pragma once

#include "core/base/fingerprint.h"
#include "core/base/memory_budget.h"
#include "core/report/report.h"
#include "kernels/statistics/error_metrics.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace core {

/// What one operator did in the quantized pipeline, over all evaluation samples.
struct AccumulatedResult
{
    kernels::ErrorSums sums;
    std::array<std::uint64_t, 256> codes{};
    bool hasCodes = false;
    std::vector<std::int64_t>
        saturation; ///< by channel: saturated pairs, then saturated 16-bit sums; empty where none can
    std::vector<float> sampleRelativeL2;
    std::optional<kernels::ErrorSums> shadow; ///< against the FP32 form on the same inputs, where asked for
    double microseconds = 0.0; ///< summed over samples
    ConversionTime conversion; ///< the same
    std::uint64_t samples = 0;
};

/// What one operator does alone, on quantized FP32 inputs.
struct IsolatedResult
{
    kernels::ErrorSums sums;
    kernels::QuantizationSplit split;
    bool hasSplit = false;
    std::uint64_t samples = 0;
};

/// What the network's outputs did.
struct OutputResult
{
    std::vector<kernels::ErrorSums> sums; ///< by measured output
    std::vector<std::vector<std::optional<double>>> stepRelativeL2; ///< by measured output, by sample
    std::vector<std::vector<double>> stepMaxAbs;
    std::vector<SamplePrediction> predictions;
    std::optional<Accuracy> accuracy;
    std::vector<std::optional<ConfidenceInterval>> sqnrIntervals; ///< by measured output, in dB
    std::shared_ptr<const MetricReport> metric; ///< null where none was asked for
    std::uint64_t samples = 0;
};

/// Bytes that a result takes.
[[nodiscard]] std::size_t byteCount(const kernels::ErrorSums& sums);
[[nodiscard]] std::size_t byteCount(const std::vector<kernels::ErrorSums>& sums);
[[nodiscard]] std::size_t byteCount(const AccumulatedResult& result);
[[nodiscard]] std::size_t byteCount(const IsolatedResult& result);
[[nodiscard]] std::size_t byteCount(const OutputResult& result);

/// Results by fingerprint, within the budget of a session.
template <typename Result>
class ResultCache
{
public:
    explicit ResultCache(std::shared_ptr<MemoryBudget> budget)
        : m_results(std::move(budget))
    {
    }
    [[nodiscard]] std::shared_ptr<const Result> find(const Fingerprint& key) const
    {
        return m_results.find(key).value_or(nullptr);
    }
    void insert(const Fingerprint& key, std::shared_ptr<const Result> result)
    {
        const std::size_t bytes = byteCount(*result);
        m_results.insert(key, std::move(result), bytes);
    }

private:
    BudgetedCache<std::shared_ptr<const Result>> m_results;
};

} // namespace core
