#pragma once

#include "core/base/fingerprint.h"
#include "core/report/report.h"
#include "kernels/statistics/error_metrics.h"

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
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
    double microseconds = 0.0; ///< summed over samples
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
    std::uint64_t samples = 0;
};

/// Results by fingerprint. They are small (no tensors); the oldest half goes when there are too many.
template <typename Result>
class ResultCache
{
public:
    [[nodiscard]] std::shared_ptr<const Result> find(const Fingerprint& key) const
    {
        const auto it = m_entries.find(key);
        return it == m_entries.end() ? nullptr : it->second.first;
    }
    void insert(const Fingerprint& key, std::shared_ptr<const Result> result)
    {
        if (m_entries.size() >= kMost) {
            const std::uint64_t oldest = m_clock - kMost / 2;
            std::erase_if(m_entries, [&](const auto& item) { return item.second.second < oldest; });
        }
        m_entries[key] = {std::move(result), m_clock++};
    }

private:
    static constexpr std::size_t kMost = 20000;
    std::unordered_map<Fingerprint, std::pair<std::shared_ptr<const Result>, std::uint64_t>, FingerprintHash>
        m_entries;
    std::uint64_t m_clock = 0;
};

} // namespace core
