#include "core/metrics/retrieval_metric.h"

#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

constexpr std::size_t kEmbeddingAt = 2;

std::vector<double> unitLength(std::vector<double> values)
{
    double sum = 0.0;
    for (const double x : values) {
        sum += x * x;
    }
    for (double& x : values) {
        x = sum > 0.0 ? x / std::sqrt(sum) : 0.0;
    }
    return values;
}

double productOf(std::span<const double> a, std::span<const double> b)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/// Evidence: 1 with a label or 0; label; the embedding; without a label also FP32's.
class RetrievalAggregate : public MetricAggregate
{
public:
    RetrievalAggregate(std::span<const Evidence> all, std::size_t k)
        : m_all(all)
        , m_hits(all.size())
    {
        for (std::size_t query = 0; query < all.size(); ++query) {
            m_hits[query] = hit(query, k);
        }
        m_ratio = ratioOver(m_hits, 100.0);
    }
    [[nodiscard]] std::optional<double> value(std::span<const double> weights) const override
    {
        return m_ratio->value(weights);
    }

private:
    [[nodiscard]] std::span<const double> embedding(std::size_t i, bool isTruth) const
    {
        const auto whole = std::span(m_all[i]).subspan(kEmbeddingAt);
        const bool isLabelled = m_all[i][0] != 0.0;
        const std::size_t size = isLabelled ? whole.size() : whole.size() / 2;
        return isTruth && !isLabelled ? whole.subspan(size) : whole.first(size);
    }
    [[nodiscard]] std::vector<std::size_t> nearest(std::size_t query, bool isTruth, std::size_t k) const
    {
        std::vector<std::pair<double, std::size_t>> order;
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            if (i != query) {
                order.emplace_back(-productOf(embedding(query, isTruth), embedding(i, isTruth)), i);
            }
        }
        const std::size_t wanted = std::min(k, order.size());
        std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(wanted));
        std::vector<std::size_t> result;
        for (std::size_t i = 0; i < wanted; ++i) {
            result.push_back(order[i].second);
        }
        return result;
    }
    [[nodiscard]] Evidence hit(std::size_t query, std::size_t k) const
    {
        const auto found = nearest(query, false, k);
        if (m_all[query][0] == 0.0) {
            const auto wanted = nearest(query, true, 1);
            return wanted.empty() ? Evidence{}
                                  : Evidence{std::ranges::count(found, wanted[0]) > 0 ? 1.0 : 0.0};
        }
        const auto isOwn = [&](std::size_t i) { return i != query && m_all[i][1] == m_all[query][1]; };
        bool hasOwn = false;
        for (std::size_t i = 0; i < m_all.size() && !hasOwn; ++i) {
            hasOwn = isOwn(i);
        }
        return hasOwn ? Evidence{std::ranges::any_of(found, isOwn) ? 1.0 : 0.0} : Evidence{};
    }
    std::span<const Evidence> m_all;
    std::vector<Evidence> m_hits;
    std::unique_ptr<MetricAggregate> m_ratio;
};

class RetrievalMetric : public Metric
{
public:
    explicit RetrievalMetric(std::size_t k)
        : m_k(k)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        return {"recall_at_k", fmt::format("recall@{} of retrieval", m_k), "%"};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        Evidence evidence{truth.label ? 1.0 : 0.0, static_cast<double>(truth.label.value_or(0))};
        const auto own = unitLength(doublesOf(onlyOutput(sample)));
        evidence.insert(evidence.end(), own.begin(), own.end());
        if (!truth.label) {
            const auto other = unitLength(doublesOf(truth.values));
            evidence.insert(evidence.end(), other.begin(), other.end());
        }
        return evidence;
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        truth.values = onlyOutput(fp32);
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return std::make_unique<RetrievalAggregate>(all, m_k);
    }

private:
    std::size_t m_k;
};

} // namespace

MetricPtr makeRecallAtK(std::size_t k) { return std::make_shared<RetrievalMetric>(k); }

} // namespace core
