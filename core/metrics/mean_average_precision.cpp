#include "core/metrics/mean_average_precision.h"

#include "core/metrics/coco_matching.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace core {

namespace {

// Evidence: boxes, labels, kept; of each box class, score, hits and ignored by size; of each label class and
// the sizes it counts for.
constexpr std::size_t kHead = 3;
constexpr std::size_t kPerBox = 2 + 2 * kSizes;
constexpr std::size_t kPerLabel = 2;

Evidence packed(const MatchedSample& sample)
{
    Evidence e{static_cast<double>(sample.boxes.size()), static_cast<double>(sample.labels.size()),
               sample.kept};
    e.reserve(kHead + kPerBox * sample.boxes.size() + kPerLabel * sample.labels.size());
    for (const MatchedBox& box : sample.boxes) {
        e.push_back(static_cast<double>(box.category));
        e.push_back(box.score);
        for (std::size_t size = 0; size < kSizes; ++size) {
            e.push_back(box.hits[size]);
            e.push_back(box.ignored[size]);
        }
    }
    for (const CountedLabel& label : sample.labels) {
        e.push_back(static_cast<double>(label.category));
        e.push_back(label.counts);
    }
    return e;
}

class MapAggregate : public MetricAggregate
{
public:
    explicit MapAggregate(std::span<const Evidence> all)
        : m_samples(all.size())
    {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!all[i].empty()) {
                read(i, all[i]);
            }
        }
        for (auto& [id, category] : m_classes) {
            std::ranges::stable_sort(category.boxes, std::greater<>{},
                                     [](const Found& found) { return found.box.score; });
        }
    }

    [[nodiscard]] std::optional<double> value(std::span<const double> weights) const override
    {
        return mean(weights, 0, 0, kOverlaps, std::nullopt);
    }

    [[nodiscard]] std::vector<MetricPart> parts() const override
    {
        const std::vector<double> ones(m_samples, 1.0);
        std::vector<MetricPart> result{{"AP@.50", mean(ones, 0, 0, 1, std::nullopt)},
                                       {"AP@.75", mean(ones, 0, 5, 6, std::nullopt)},
                                       {"AP small", mean(ones, 1, 0, kOverlaps, std::nullopt)},
                                       {"AP medium", mean(ones, 2, 0, kOverlaps, std::nullopt)},
                                       {"AP large", mean(ones, 3, 0, kOverlaps, std::nullopt)}};
        double counted = 0.0;
        for (const auto& [id, category] : m_classes) {
            counted += static_cast<double>(std::ranges::count_if(
                category.labels, [](const auto& label) { return (label.second & 1U) != 0; }));
        }
        result.push_back(
            {"kept boxes", counted > 0.0 ? std::optional(100.0 * m_kept / counted) : std::nullopt});
        for (const auto& [id, category] : m_classes) {
            if (m_classes.size() > 1) {
                result.push_back({fmt::format("AP class {}", id), mean(ones, 0, 0, kOverlaps, id)});
            }
        }
        return result;
    }

private:
    struct Found
    {
        std::size_t sample;
        MatchedBox box;
    };
    struct Category
    {
        std::vector<Found> boxes; ///< best first
        std::vector<std::pair<std::size_t, std::uint32_t>> labels; ///< sample, sizes
    };

    void read(std::size_t sample, const Evidence& e)
    {
        const auto boxes = static_cast<std::size_t>(e[0]);
        const auto labels = static_cast<std::size_t>(e[1]);
        m_kept += e[2];
        std::size_t at = kHead;
        for (std::size_t i = 0; i < boxes; ++i, at += kPerBox) {
            Found found{sample, {static_cast<std::int64_t>(e[at]), e[at + 1], {}, {}}};
            for (std::size_t size = 0; size < kSizes; ++size) {
                found.box.hits[size] = static_cast<std::uint32_t>(e[at + 2 + 2 * size]);
                found.box.ignored[size] = static_cast<std::uint32_t>(e[at + 3 + 2 * size]);
            }
            m_classes[found.box.category].boxes.push_back(found);
        }
        for (std::size_t i = 0; i < labels; ++i, at += kPerLabel) {
            m_classes[static_cast<std::int64_t>(e[at])].labels.emplace_back(
                sample, static_cast<std::uint32_t>(e[at + 1]));
        }
    }

    /// Precision at the recalls 0, .01, … 1, averaged; none without a label that counts.
    static std::optional<double> precision(const Category& category, std::span<const double> weights,
                                           std::size_t size, std::size_t overlap)
    {
        double labels = 0.0;
        for (const auto& [sample, sizes] : category.labels) {
            labels += (sizes >> size & 1U) != 0 ? weights[sample] : 0.0;
        }
        if (labels == 0.0) {
            return std::nullopt;
        }
        std::vector<double> recalls;
        std::vector<double> precisions;
        double hits = 0.0;
        double misses = 0.0;
        for (const Found& found : category.boxes) {
            const double weight = weights[found.sample];
            if (weight == 0.0) {
                continue;
            }
            if ((found.box.ignored[size] >> overlap & 1U) == 0) {
                ((found.box.hits[size] >> overlap & 1U) != 0 ? hits : misses) += weight;
            }
            recalls.push_back(hits / labels);
            precisions.push_back(hits / (hits + misses + 2.220446049250313e-16));
        }
        for (std::size_t i = precisions.size(); i-- > 1;) {
            precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
        }
        constexpr std::size_t kRecalls = 101;
        double sum = 0.0;
        std::size_t at = 0;
        for (std::size_t r = 0; r < kRecalls; ++r) {
            const double recall = static_cast<double>(r) / 100.0;
            while (at < recalls.size() && recalls[at] < recall) {
                ++at;
            }
            sum += at < precisions.size() ? precisions[at] : 0.0;
        }
        return sum / static_cast<double>(kRecalls);
    }

    [[nodiscard]] std::optional<double> mean(std::span<const double> weights, std::size_t size,
                                             std::size_t first, std::size_t last,
                                             std::optional<std::int64_t> only) const
    {
        double sum = 0.0;
        std::size_t count = 0;
        for (const auto& [id, category] : m_classes) {
            for (std::size_t t = first; t < last && (!only || *only == id); ++t) {
                if (const auto p = precision(category, weights, size, t)) {
                    sum += *p;
                    ++count;
                }
            }
        }
        return count > 0 ? std::optional(100.0 * sum / static_cast<double>(count)) : std::nullopt;
    }

    std::size_t m_samples;
    std::map<std::int64_t, Category> m_classes;
    double m_kept = 0.0;
};

class MeanAveragePrecision : public Metric
{
public:
    explicit MeanAveragePrecision(const MapOptions& options)
        : m_options(options)
    {
    }
    [[nodiscard]] MetricInfo info() const override { return {"map", "mAP@[.5:.95]", "%"}; }
    [[nodiscard]] Evidence evidence(const MetricSample& sample, const Truth& truth) const override
    {
        return packed(matchBoxes(decodeBoxes(sample.outputs, m_options.decoding), truth.boxes,
                                 m_options.pictureWidth * m_options.pictureHeight, m_options.truthScore));
    }
    [[nodiscard]] Truth truthOf(const MetricSample& fp32) const override
    {
        Truth truth;
        for (const Box& box : decodeBoxes(fp32.outputs, m_options.decoding)) {
            if (box.score >= m_options.truthScore) {
                truth.boxes.push_back(box);
            }
        }
        return truth;
    }
    [[nodiscard]] std::unique_ptr<MetricAggregate> over(std::span<const Evidence> all) const override
    {
        return std::make_unique<MapAggregate>(all);
    }

private:
    MapOptions m_options;
};

} // namespace

MetricPtr makeMeanAveragePrecision(const MapOptions& options)
{
    return std::make_shared<MeanAveragePrecision>(options);
}

} // namespace core
