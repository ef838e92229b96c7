#include "core/metrics/class_metrics.h"

#include "core/base/error.h"
#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

class TopKMetric : public Metric
{
public:
    explicit TopKMetric(std::int64_t k)
        : m_k(k)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        return {m_k == 1 ? "top1" : m_k == 5 ? "top5" : "topk", fmt::format("top-{}", m_k), "%", true, true};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        if (!truth.label) {
            return {};
        }
        const auto values = doublesOf(onlyOutput(sample));
        if (*truth.label < 0 || static_cast<std::size_t>(*truth.label) >= values.size()) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("metric {}: label {} is outside the {} classes of the output",
                                    info().kind, *truth.label, values.size()));
        }
        if (std::ranges::any_of(values, [](double x) { return std::isnan(x); })) {
            return {0.0};
        }
        const auto label = static_cast<std::size_t>(*truth.label);
        std::int64_t better = 0;
        for (std::size_t c = 0; c < values.size(); ++c) {
            better += values[c] > values[label] || (values[c] == values[label] && c < label) ? 1 : 0;
        }
        return {better < m_k ? 1.0 : 0.0};
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        truth.label = argmaxOf(doublesOf(onlyOutput(fp32)));
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return ratioOver(all, 100.0);
    }

private:
    std::int64_t m_k;
};

} // namespace

MetricPtr makeTopK(std::int64_t k) { return std::make_shared<TopKMetric>(k); }

} // namespace core
