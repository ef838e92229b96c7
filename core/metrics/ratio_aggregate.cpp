#include "core/metrics/ratio_aggregate.h"

#include <cmath>

namespace core {

namespace {

class RatioAggregate : public MetricAggregate
{
public:
    RatioAggregate(std::span<const Evidence> all, double scale, RatioForm form)
        : m_all(all)
        , m_scale(scale)
        , m_form(form)
    {
    }

    [[nodiscard]] std::optional<double> value(std::span<const double> weights) const override
    {
        double numerator = 0.0;
        double denominator = 0.0;
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            if (weights[i] > 0.0 && !m_all[i].empty()) {
                numerator += weights[i] * m_all[i][0];
                denominator += weights[i] * (m_all[i].size() > 1 ? m_all[i][1] : 1.0);
            }
        }
        if (denominator == 0.0) {
            return std::nullopt;
        }
        const double quotient = numerator / denominator;
        return m_scale
            * (m_form == RatioForm::Root              ? std::sqrt(quotient)
                   : m_form == RatioForm::Exponential ? std::exp(quotient)
                                                      : quotient);
    }

private:
    std::span<const Evidence> m_all;
    double m_scale;
    RatioForm m_form;
};

} // namespace

std::unique_ptr<MetricAggregate> ratioOver(std::span<const Evidence> all, double scale, RatioForm form)
{
    return std::make_unique<RatioAggregate>(all, scale, form);
}

std::optional<double> valueOfAll(const Metric& metric, std::span<const Evidence> all)
{
    return metric.over(all)->value(std::vector<double>(all.size(), 1.0));
}

} // namespace core
