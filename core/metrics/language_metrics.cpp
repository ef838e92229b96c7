#include "core/metrics/language_metrics.h"

#include "core/base/error.h"
#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

enum class LanguageKind : std::uint8_t
{
    Perplexity,
    Kl,
    SameTop
};

std::vector<double> logProbabilities(std::span<const double> logits)
{
    const double top = *std::ranges::max_element(logits);
    double sum = 0.0;
    for (const double x : logits) {
        sum += std::exp(x - top);
    }
    std::vector<double> result(logits.begin(), logits.end());
    for (double& x : result) {
        x -= top + std::log(sum);
    }
    return result;
}

double divergence(std::span<const double> p, std::span<const double> q)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double share = std::exp(p[i]);
        sum += share > 0.0 ? share * (p[i] - q[i]) : 0.0;
    }
    return sum;
}

class LanguageMetric : public Metric
{
public:
    explicit LanguageMetric(LanguageKind kind)
        : m_kind(kind)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        switch (m_kind) {
        case LanguageKind::Perplexity:
            return {"perplexity", "perplexity", "", false};
        case LanguageKind::Kl:
            return {"kl", "KL divergence from FP32", "nats", false, false, true};
        case LanguageKind::SameTop:
            break;
        }
        return {"same_top", "same top token as FP32", "%", true, false, true};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        const Rows own = rowsOf(onlyOutput(sample));
        return m_kind == LanguageKind::Perplexity ? surprise(own, truth) : difference(own, truth, sample);
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        if (m_kind != LanguageKind::Perplexity) {
            truth.values = onlyOutput(fp32);
            return truth;
        }
        const Rows rows = rowsOf(onlyOutput(fp32));
        std::vector<std::int64_t> tokens;
        for (std::size_t i = 0; i < rows.rows; ++i) {
            tokens.push_back(argmaxOf(rows.row(i)));
        }
        truth.values =
            makeTensor<std::int64_t>({static_cast<std::int64_t>(tokens.size())}, std::span(tokens));
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return ratioOver(all, m_kind == LanguageKind::SameTop ? 100.0 : 1.0,
                         m_kind == LanguageKind::Perplexity ? RatioForm::Exponential : RatioForm::Plain);
    }

private:
    static Evidence surprise(const Rows& own, const Truth& truth)
    {
        const auto tokens = doublesOf(truth.values);
        if (tokens.size() != own.rows) {
            throw Error(
                ErrorKind::ShapeMismatch,
                fmt::format("metric perplexity: {} tokens for {} positions", tokens.size(), own.rows));
        }
        Evidence evidence{0.0, 0.0};
        for (std::size_t i = 0; i < own.rows; ++i) {
            if (tokens[i] < 0.0) {
                continue;
            }
            const auto token = static_cast<std::size_t>(tokens[i]);
            if (token >= own.columns) {
                throw Error(
                    ErrorKind::ShapeMismatch,
                    fmt::format("metric perplexity: token {} of a vocabulary of {}", token, own.columns));
            }
            evidence[0] -= logProbabilities(own.row(i))[token];
            evidence[1] += 1.0;
        }
        return evidence;
    }
    [[nodiscard]] Evidence difference(const Rows& own, const Truth& truth, const MetricSample& sample) const
    {
        refuseOtherCount("FP32 output", onlyOutput(sample), truth.values);
        const Rows other = rowsOf(truth.values);
        Evidence evidence{0.0, static_cast<double>(own.rows)};
        for (std::size_t i = 0; i < own.rows; ++i) {
            evidence[0] += m_kind == LanguageKind::SameTop
                ? (argmaxOf(own.row(i)) == argmaxOf(other.row(i)) ? 1.0 : 0.0)
                : divergence(logProbabilities(other.row(i)), logProbabilities(own.row(i)));
        }
        return evidence;
    }
    LanguageKind m_kind;
};

} // namespace

MetricPtr makePerplexity() { return std::make_shared<LanguageMetric>(LanguageKind::Perplexity); }
MetricPtr makeKlToFloat() { return std::make_shared<LanguageMetric>(LanguageKind::Kl); }
MetricPtr makeSameTop() { return std::make_shared<LanguageMetric>(LanguageKind::SameTop); }

} // namespace core
