// Dynamic quantization: every tensor by its own minimum and maximum, at run time (DNNLOWP's batch min-max,
// ONNX Runtime's DynamicQuantizeLinear, MXNet's calib_mode none). No range is chosen beforehand; what is
// collected here says what it costs beside the methods that do choose one.
#include "core/calibration/collector.h"
#include "core/calibration/definitions.h"
#include "core/calibration/run_time_range.h"
#include "core/params/kernel_format.h"
#include "kernels/statistics/error_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

namespace {

constexpr std::array kTargets{CalibrationTarget{Scheme::Asymmetric, 8},
                              CalibrationTarget{Scheme::Symmetric, 8}};

class DynamicCollector : public Collector
{
public:
    explicit DynamicCollector(CalibrationMethod method)
        : m_method(std::move(method))
    {
    }

    void add(std::span<const float> values) override
    {
        if (values.empty()) {
            return;
        }
        std::array<Range, kTargets.size()> ranges;
        for (std::size_t i = 0; i < kTargets.size(); ++i) {
            ranges[i] = runTimeRange(values, m_method, kTargets[i]);
        }
        m_sum.min += ranges[0].min;
        m_sum.max += ranges[0].max;
        ++m_samples;
        for (const float v : values) {
            m_signal += static_cast<double>(v) * v;
        }
        for (std::size_t i = 0; i < kTargets.size(); ++i) {
            const auto params = chooseActivationParams(ranges[i], kTargets[i].scheme, kTargets[i].bits);
            m_split[i].merge(kernels::splitQuantization(values, formatOf(params)));
        }
    }

    /// The mean of the samples' ranges.
    [[nodiscard]] Range range(const TensorStatistics&, const CalibrationTarget&) const override
    {
        const double samples = static_cast<double>(std::max<std::uint64_t>(m_samples, 1));
        return {m_sum.min / samples, m_sum.max / samples};
    }

    [[nodiscard]] std::optional<QuantizationCost> cost(const CalibrationTarget& target) const override
    {
        const auto it = std::ranges::find(kTargets, target);
        if (it == kTargets.end()) {
            return std::nullopt;
        }
        const kernels::QuantizationSplit& split = m_split[static_cast<std::size_t>(it - kTargets.begin())];
        QuantizationCost cost;
        cost.clipSquared = split.squaredClip;
        cost.roundSquared = split.squaredRound;
        cost.cross = split.cross;
        cost.clippedShare =
            split.count ? static_cast<double>(split.clipped) / static_cast<double>(split.count) : 0.0;
        cost.signalSquared = m_signal;
        return cost;
    }

    [[nodiscard]] std::size_t byteCount() const override { return sizeof(*this); }

private:
    CalibrationMethod m_method;
    Range m_sum;
    std::uint64_t m_samples = 0;
    double m_signal = 0.0;
    std::array<kernels::QuantizationSplit, kTargets.size()> m_split;
};

} // namespace

CalibrationMethodDefinition dynamicDefinition()
{
    return {.name = "dynamic",
            .title = "Dynamic (at run time)",
            .help = "minimum and maximum of each tensor of each sample, at run time; for tensors that linear "
                    "operators read",
            .collect = [](double) -> std::unique_ptr<Collector> {
                return std::make_unique<DynamicCollector>(CalibrationMethod{"dynamic", std::nullopt});
            }};
}

CalibrationMethodDefinition dynamicL2Definition()
{
    return {.name = "dynamic:l2",
            .title = "Dynamic L2 (at run time)",
            .help =
                "DNNLOWP's Int8GenQuantParams by L2: l2:dnnlowp on each tensor of each sample, at run time",
            .collect = [](double) -> std::unique_ptr<Collector> {
                return std::make_unique<DynamicCollector>(CalibrationMethod{"dynamic:l2", std::nullopt});
            },
            .isByName = true};
}

CalibrationMethodDefinition dynamicP99Definition()
{
    return {.name = "dynamic:p99",
            .title = "Dynamic P99 (at run time)",
            .help =
                "DNNLOWP's Int8GenQuantParams by P99: this share of each tensor of each sample, at run time",
            .parameter = 0.99,
            .lowest = 0.5,
            .highest = 1.0,
            .collect = [](double share) -> std::unique_ptr<Collector> {
                return std::make_unique<DynamicCollector>(CalibrationMethod{"dynamic:p99", share});
            },
            .isByName = true};
}

} // namespace core
