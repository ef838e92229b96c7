#include "core/metrics/segmentation_metrics.h"

#include "core/metrics/ratio_aggregate.h"
#include "core/metrics/tensor_reading.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace core {

namespace {

using Mask = std::vector<std::int64_t>;

Mask maskOf(const Tensor& tensor, std::optional<std::size_t> classAxis)
{
    Mask mask;
    if (!classAxis) {
        for (const double x : doublesOf(tensor)) {
            mask.push_back(static_cast<std::int64_t>(x));
        }
        return mask;
    }
    const Rows rows = rowsOf(tensor, classAxis);
    for (std::size_t i = 0; i < rows.rows; ++i) {
        mask.push_back(argmaxOf(rows.row(i)));
    }
    return mask;
}

class IouAggregate : public MetricAggregate
{
public:
    explicit IouAggregate(std::span<const Evidence> all)
        : m_all(all)
    {
    }
    [[nodiscard]] std::optional<double> value(std::span<const double> weights) const override
    {
        double sum = 0.0;
        const auto classes = counts(weights);
        for (const auto& [id, c] : classes) {
            sum += c.common / c.either;
        }
        return classes.empty() ? std::nullopt
                               : std::optional(100.0 * sum / static_cast<double>(classes.size()));
    }
    [[nodiscard]] std::vector<MetricPart> parts() const override
    {
        std::vector<MetricPart> result;
        for (const auto& [id, c] : counts(std::vector<double>(m_all.size(), 1.0))) {
            result.push_back({fmt::format("IoU class {}", id), 100.0 * c.common / c.either});
        }
        return result;
    }

private:
    struct Counts
    {
        double common = 0.0;
        double either = 0.0;
    };
    [[nodiscard]] std::map<std::int64_t, Counts> counts(std::span<const double> weights) const
    {
        std::map<std::int64_t, Counts> result;
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            for (std::size_t k = 0; weights[i] > 0.0 && k + 2 < m_all[i].size(); k += 3) {
                Counts& c = result[static_cast<std::int64_t>(m_all[i][k])];
                c.common += weights[i] * m_all[i][k + 1];
                c.either += weights[i] * m_all[i][k + 2];
            }
        }
        return result;
    }
    std::span<const Evidence> m_all;
};

/// Evidence of mIoU: class, pixels of both, pixels of either, class, …; of pixel accuracy: right, all.
class SegmentationMetric : public Metric
{
public:
    SegmentationMetric(const SegmentationOptions& options, bool isIou)
        : m_options(options)
        , m_isIou(isIou)
    {
    }
    [[nodiscard]] MetricInfo info() const override
    {
        return m_isIou ? MetricInfo{"miou", "mIoU", "%"}
                       : MetricInfo{"pixel_accuracy", "pixel accuracy", "%"};
    }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        const Tensor& output = onlyOutput(sample);
        const Mask own = maskOf(output, m_options.classAxis);
        const Mask wanted = maskOf(truth.values, {});
        if (own.size() != wanted.size()) {
            refuseOtherCount("mask", output, truth.values);
        }
        return m_isIou ? iou(own, wanted) : accuracy(own, wanted);
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        const Mask mask = maskOf(onlyOutput(fp32), m_options.classAxis);
        Truth truth;
        truth.values = makeTensor<std::int64_t>({static_cast<std::int64_t>(mask.size())}, std::span(mask));
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return m_isIou ? std::make_unique<IouAggregate>(all) : ratioOver(all, 100.0);
    }

private:
    [[nodiscard]] Evidence iou(const Mask& own, const Mask& wanted) const
    {
        std::map<std::int64_t, std::array<double, 2>> counts;
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (wanted[i] == m_options.ignored) {
                continue;
            }
            counts[wanted[i]][0] += own[i] == wanted[i] ? 1.0 : 0.0;
            counts[wanted[i]][1] += 1.0;
            if (own[i] != wanted[i]) {
                counts[own[i]][1] += 1.0;
            }
        }
        Evidence evidence;
        for (const auto& [id, c] : counts) {
            evidence.insert(evidence.end(), {static_cast<double>(id), c[0], c[1]});
        }
        return evidence;
    }
    [[nodiscard]] Evidence accuracy(const Mask& own, const Mask& wanted) const
    {
        Evidence evidence{0.0, 0.0};
        for (std::size_t i = 0; i < own.size(); ++i) {
            const bool counts = wanted[i] != m_options.ignored;
            evidence[0] += counts && own[i] == wanted[i] ? 1.0 : 0.0;
            evidence[1] += counts ? 1.0 : 0.0;
        }
        return evidence;
    }
    SegmentationOptions m_options;
    bool m_isIou;
};

} // namespace

MetricPtr makeMeanIou(const SegmentationOptions& options)
{
    return std::make_shared<SegmentationMetric>(options, true);
}

MetricPtr makePixelAccuracy(const SegmentationOptions& options)
{
    return std::make_shared<SegmentationMetric>(options, false);
}

} // namespace core
