#include "core/metrics/score_metrics.h"

#include "core/base/error.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace core {

namespace {

enum class ScoreKind : std::uint8_t
{
    Auc,
    Eer,
    F1,
    RecallAtFar
};

/// A point of the ROC curve: weight of positives and negatives with at least some score.
struct RocPoint
{
    double hits = 0.0;
    double alarms = 0.0;
};

class ScoreAggregate : public MetricAggregate
{
public:
    ScoreAggregate(std::span<const Evidence> all, ScoreKind kind, const ScoreReading& reading)
        : m_kind(kind)
        , m_reading(reading)
    {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!all[i].empty()) {
                m_sorted.push_back({i, all[i][0] != 0.0, all[i][1]});
            }
        }
        std::ranges::stable_sort(m_sorted, std::greater<>{}, &Scored::score);
    }

    [[nodiscard]] std::optional<double> value(std::span<const double> weights) const override
    {
        if (m_kind == ScoreKind::F1) {
            return f1(weights);
        }
        const std::vector<RocPoint> curve = roc(weights);
        const double positives = curve.back().hits;
        const double negatives = curve.back().alarms;
        if (positives == 0.0 || negatives == 0.0) {
            return std::nullopt;
        }
        return 100.0
            * (m_kind == ScoreKind::Auc       ? area(curve, positives, negatives)
                   : m_kind == ScoreKind::Eer ? equalError(curve, positives, negatives)
                                              : recall(curve, positives, negatives));
    }

private:
    struct Scored
    {
        std::size_t sample;
        bool isPositive;
        double score;
    };

    /// From (0, 0) on, one point for each score that occurs, highest first.
    [[nodiscard]] std::vector<RocPoint> roc(std::span<const double> weights) const
    {
        std::vector<RocPoint> curve(1);
        for (std::size_t i = 0; i < m_sorted.size(); ++i) {
            const double weight = weights[m_sorted[i].sample];
            if (i == 0 || m_sorted[i].score != m_sorted[i - 1].score) {
                curve.push_back(curve.back());
            }
            (m_sorted[i].isPositive ? curve.back().hits : curve.back().alarms) += weight;
        }
        return curve;
    }
    static double area(const std::vector<RocPoint>& curve, double positives, double negatives)
    {
        double sum = 0.0;
        for (std::size_t i = 1; i < curve.size(); ++i) {
            sum += (curve[i].alarms - curve[i - 1].alarms) * (curve[i].hits + curve[i - 1].hits) / 2.0;
        }
        return sum / (positives * negatives);
    }
    static double equalError(const std::vector<RocPoint>& curve, double positives, double negatives)
    {
        const auto excess = [&](const RocPoint& p) { // of false alarms over misses; grows along the curve
            return p.alarms / negatives - (1.0 - p.hits / positives);
        };
        for (std::size_t i = 1; i < curve.size(); ++i) {
            const double after = excess(curve[i]);
            if (after >= 0.0) {
                const double before = excess(curve[i - 1]);
                const double share = -before / (after - before);
                return (curve[i - 1].alarms + share * (curve[i].alarms - curve[i - 1].alarms)) / negatives;
            }
        }
        return 1.0;
    }
    [[nodiscard]] double recall(const std::vector<RocPoint>& curve, double positives, double negatives) const
    {
        double best = 0.0;
        for (const RocPoint& p : curve) {
            best = p.alarms <= m_reading.rate * negatives ? std::max(best, p.hits / positives) : best;
        }
        return best;
    }
    [[nodiscard]] std::optional<double> f1(std::span<const double> weights) const
    {
        double right = 0.0;
        double wrong = 0.0;
        for (const Scored& s : m_sorted) {
            const bool says = s.score >= m_reading.threshold;
            right += says && s.isPositive ? weights[s.sample] : 0.0;
            wrong += says != s.isPositive ? weights[s.sample] : 0.0;
        }
        const double whole = 2.0 * right + wrong;
        return whole > 0.0 ? std::optional(100.0 * 2.0 * right / whole) : std::nullopt;
    }

    ScoreKind m_kind;
    ScoreReading m_reading;
    std::vector<Scored> m_sorted; ///< highest score first
};

/// Evidence: 1 for a positive sample, else 0; its score.
class ScoreMetric : public Metric
{
public:
    ScoreMetric(ScoreKind kind, const ScoreReading& reading)
        : m_kind(kind)
        , m_reading(reading)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        switch (m_kind) {
        case ScoreKind::Auc:
            return {"auc", "area under the ROC curve", "%"};
        case ScoreKind::Eer:
            return {"eer", "equal error rate", "%", false};
        case ScoreKind::F1:
            return {"f1", fmt::format("F1 at {:g}", m_reading.threshold), "%"};
        case ScoreKind::RecallAtFar:
            break;
        }
        return {"recall_at_far", fmt::format("recall at {:g} % false alarms", 100.0 * m_reading.rate), "%"};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        if (!truth.label) {
            return {};
        }
        const double score = scoreOf(sample); // what is no number is the lowest score there is
        return {*truth.label == m_reading.positive ? 1.0 : 0.0,
                std::isnan(score) ? std::numeric_limits<double>::lowest() : score};
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        truth.label = scoreOf(fp32) >= m_reading.threshold ? m_reading.positive : m_reading.positive - 1;
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return std::make_unique<ScoreAggregate>(all, m_kind, m_reading);
    }

private:
    [[nodiscard]] double scoreOf(const MetricSample& sample) const
    {
        const Tensor& output = onlyOutput(sample);
        const auto values = doublesOf(output);
        if (m_reading.isReconstruction) {
            refuseOtherCount("input that it is to reconstruct", output, sample.input);
            const auto input = doublesOf(sample.input);
            double sum = 0.0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                sum += (values[i] - input[i]) * (values[i] - input[i]);
            }
            return sum / static_cast<double>(values.size());
        }
        const std::size_t index = m_reading.index.value_or(values.size() == 2 ? 1 : 0);
        if (index >= values.size() || (!m_reading.index && values.size() > 2)) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("metric {}: 'index' must say which of the {} elements of the output is "
                                    "the score",
                                    info().kind, values.size()));
        }
        return values[index];
    }
    ScoreKind m_kind;
    ScoreReading m_reading;
};

} // namespace

MetricPtr makeAuc(const ScoreReading& reading)
{
    return std::make_shared<ScoreMetric>(ScoreKind::Auc, reading);
}

MetricPtr makeEqualErrorRate(const ScoreReading& reading)
{
    return std::make_shared<ScoreMetric>(ScoreKind::Eer, reading);
}

MetricPtr makeF1(const ScoreReading& reading)
{
    return std::make_shared<ScoreMetric>(ScoreKind::F1, reading);
}

MetricPtr makeRecallAtFalseAlarms(const ScoreReading& reading)
{
    return std::make_shared<ScoreMetric>(ScoreKind::RecallAtFar, reading);
}

} // namespace core
