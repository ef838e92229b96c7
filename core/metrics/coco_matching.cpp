#include "core/metrics/coco_matching.h"

#include <algorithm>
#include <limits>
#include <set>

namespace core {

namespace {

constexpr std::size_t kMostPerClass = 100;

struct SizeRange
{
    double least;
    double most;
};
constexpr double kSmall = 32.0 * 32.0;
constexpr double kMedium = 96.0 * 96.0;
constexpr double kHuge = 1e10;
constexpr std::array<SizeRange, kSizes> kSizeRanges{
    {{0.0, kHuge}, {0.0, kSmall}, {kSmall, kMedium}, {kMedium, kHuge}}};

bool isOutside(const Box& box, double pixels, const SizeRange& range)
{
    const double area = (box.right - box.left) * (box.bottom - box.top) * pixels;
    return area < range.least || area > range.most;
}

std::vector<const Box*> ofCategory(const std::vector<Box>& boxes, std::int64_t category)
{
    std::vector<const Box*> result;
    for (const Box& box : boxes) {
        if (box.category == category) {
            result.push_back(&box);
        }
    }
    return result;
}

/// One class of one sample at one range of sizes.
class ClassMatching
{
public:
    ClassMatching(const std::vector<const Box*>& found, const std::vector<const Box*>& labels, double pixels,
                  const SizeRange& range)
        : m_found(found)
        , m_labels(labels)
    {
        for (const Box* label : labels) {
            m_isIgnored.push_back(label->isCrowd || isOutside(*label, pixels, range));
        }
        for (std::size_t i = 0; i < labels.size(); ++i) {
            m_order.push_back(i);
        }
        std::ranges::stable_sort(m_order, {}, [&](std::size_t i) { return m_isIgnored[i] ? 1 : 0; });
    }

    [[nodiscard]] bool isIgnored(std::size_t label) const { return m_isIgnored[label]; }

    /// By detection: the label it is paired with at this overlap, or −1.
    [[nodiscard]] std::vector<int> pairs(double overlap) const
    {
        constexpr double kAlmostWhole = 1.0 - 1e-10;
        std::vector<bool> isTaken(m_labels.size(), false);
        std::vector<int> result(m_found.size(), -1);
        for (std::size_t d = 0; d < m_found.size(); ++d) {
            double best = std::min(overlap, kAlmostWhole);
            int match = -1;
            for (const std::size_t g : m_order) {
                if (isTaken[g] && !m_labels[g]->isCrowd) {
                    continue;
                }
                if (match >= 0 && !m_isIgnored[static_cast<std::size_t>(match)] && m_isIgnored[g]) {
                    break; // a label that counts is better than any that does not
                }
                const double now = overlapOf(*m_found[d], *m_labels[g], m_labels[g]->isCrowd);
                if (now >= best) {
                    best = now;
                    match = static_cast<int>(g);
                }
            }
            result[d] = match;
            if (match >= 0) {
                isTaken[static_cast<std::size_t>(match)] = true;
            }
        }
        return result;
    }

private:
    const std::vector<const Box*>& m_found;
    const std::vector<const Box*>& m_labels;
    std::vector<bool> m_isIgnored;
    std::vector<std::size_t> m_order;
};

} // namespace

MatchedSample matchBoxes(const std::vector<Box>& found, const std::vector<Box>& labels, double pixels,
                         double keptScore)
{
    std::set<std::int64_t> categories;
    for (const auto* all : {&found, &labels}) {
        for (const Box& box : *all) {
            categories.insert(box.category);
        }
    }
    MatchedSample result;
    for (const std::int64_t category : categories) {
        auto boxes = ofCategory(found, category);
        boxes.resize(std::min(boxes.size(), kMostPerClass));
        const auto truths = ofCategory(labels, category);
        std::vector<MatchedBox> matched(boxes.size());
        std::vector<CountedLabel> counted(truths.size());
        for (std::size_t size = 0; size < kSizes; ++size) {
            const ClassMatching matching(boxes, truths, pixels, kSizeRanges[size]);
            for (std::size_t g = 0; g < truths.size(); ++g) {
                counted[g].category = category;
                counted[g].counts |= matching.isIgnored(g) ? 0U : 1U << size;
            }
            for (std::size_t t = 0; t < kOverlaps; ++t) {
                const auto pairs = matching.pairs(0.5 + 0.05 * static_cast<double>(t));
                for (std::size_t d = 0; d < boxes.size(); ++d) {
                    const bool isHit = pairs[d] >= 0;
                    const bool isIgnored = isHit ? matching.isIgnored(static_cast<std::size_t>(pairs[d]))
                                                 : isOutside(*boxes[d], pixels, kSizeRanges[size]);
                    matched[d].category = category;
                    matched[d].score = boxes[d]->score;
                    matched[d].hits[size] |= isHit ? 1U << t : 0U;
                    matched[d].ignored[size] |= isIgnored ? 1U << t : 0U;
                    result.kept += size == 0 && t == 0 && isHit && !isIgnored && boxes[d]->score >= keptScore
                        ? 1.0
                        : 0.0;
                }
            }
        }
        result.boxes.insert(result.boxes.end(), matched.begin(), matched.end());
        result.labels.insert(result.labels.end(), counted.begin(), counted.end());
    }
    return result;
}

} // namespace core
