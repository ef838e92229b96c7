#include "core/network/equalization.h"

#include "core/base/error.h"
#include "core/network/plan_entry.h"
#include "core/network/scaled_path.h"
#include "core/network/weight_ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace core {

namespace {

constexpr int kMostRounds = 200;
constexpr double kSettled = 1e-3; // change of ln s that no longer counts
constexpr double kNoReach = 1e-30;
constexpr double kMostScale = 1e18; // and its inverse: products of two such stay finite

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

class Equalizer
{
public:
    Equalizer(OperatorGraph& graph, const EqualizationWishes& wishes)
        : m_graph(graph)
        , m_ranges(graph.operators.size())
    {
        if (!wishes.all.scale.empty() || std::ranges::any_of(wishes.types, [](const auto& item) {
                return !item.second.scale.empty();
            })) {
            throw Error(ErrorKind::Usage,
                        "plan: weight.equalize: scales belong to one operator; for all, say true");
        }
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            add(OperatorId(i), wishes.of(graph.operators[i]));
        }
    }

    void run()
    {
        for (const Pair& pair : m_pairs) {
            if (!pair.given.empty()) {
                scale(pair, std::vector<double>(pair.given.begin(), pair.given.end()));
            }
        }
        double moved = 1.0;
        for (int round = 0; round < kMostRounds && moved > kSettled; ++round) {
            moved = 0.0;
            for (const Pair& pair : m_pairs) {
                moved = pair.given.empty() ? std::max(moved, balance(pair)) : moved;
            }
        }
        for (std::size_t i = 0; i < m_ranges.size(); ++i) {
            if (m_ranges[i]) {
                m_ranges[i]->applyTo(m_graph.operators[i]);
            }
        }
        for (const Pair& pair : m_pairs) {
            m_graph.equalized.push_back(
                {pair.producer, pair.consumer, {pair.total.begin(), pair.total.end()}});
        }
    }

private:
    struct Pair
    {
        OperatorId producer{};
        OperatorId consumer{};
        std::vector<float> given;
        mutable std::vector<double> total; ///< product of all scales so far
    };

    void add(OperatorId id, const Equalization& wish)
    {
        const Operator& op = m_graph.at(id);
        if (!wish.isOn()) {
            return;
        }
        const ScaledPath found = scaledPathTo(m_graph, op);
        if (!found.producer) {
            if (!wish.scale.empty()) {
                throw Error(ErrorKind::Usage,
                            fmt::format("plan: {}: nothing takes the scales of weight.equalize: {}", op.name,
                                        found.obstacle));
            }
            return;
        }
        for (const OperatorId member : {*found.producer, id}) {
            if (!m_ranges[indexOf(member)]) {
                m_ranges[indexOf(member)] = std::make_unique<WeightRanges>(m_graph.at(member));
            }
        }
        const std::size_t channels = m_ranges[indexOf(id)]->ofColumns().size();
        const bool isUsable =
            std::ranges::all_of(wish.scale, [](float s) { return s > 0.0f && std::isfinite(s); });
        if (!wish.scale.empty() && (wish.scale.size() != channels || !isUsable)) {
            throw Error(
                ErrorKind::Usage,
                fmt::format(
                    "plan: {}: weight.equalize needs {} scales above 0, one per source channel; there are {}",
                    op.name, channels, wish.scale.size()));
        }
        m_pairs.push_back({*found.producer, id, wish.scale, std::vector<double>(channels, 1.0)});
    }

    void scale(const Pair& pair, const std::vector<double>& scales)
    {
        for (std::size_t c = 0; c < scales.size(); ++c) {
            m_ranges[indexOf(pair.producer)]->scaleRow(c, 1.0 / scales[c]);
            m_ranges[indexOf(pair.consumer)]->scaleColumn(c, scales[c]);
            pair.total[c] *= scales[c];
        }
    }

    /// Largest change of ln s.
    double balance(const Pair& pair)
    {
        // A channel that is almost constant has tiny weights and a bias: by weights alone it would be blown
        // up until it set the range of all activations.
        std::vector<double> rows = m_ranges[indexOf(pair.producer)]->ofRows();
        const std::vector<double> reach = m_ranges[indexOf(pair.producer)]->reach();
        const double perReach = medianOf(rows) / std::max(medianOf(reach), kNoReach);
        for (std::size_t c = 0; c < rows.size(); ++c) {
            rows[c] = std::max(rows[c], perReach * reach[c]);
        }
        const std::vector<double> columns = m_ranges[indexOf(pair.consumer)]->ofColumns();
        std::vector<double> scales;
        scales.reserve(rows.size());
        double moved = 0.0;
        for (std::size_t c = 0; c < rows.size(); ++c) {
            const bool hasBoth = rows[c] > 0.0 && columns[c] > 0.0;
            const double wanted = hasBoth ? pair.total[c] * std::sqrt(rows[c] / columns[c]) : pair.total[c];
            scales.push_back(std::clamp(wanted, 1.0 / kMostScale, kMostScale) / pair.total[c]);
            moved = std::max(moved, std::fabs(std::log(scales.back())));
        }
        scale(pair, scales);
        return moved;
    }

    OperatorGraph& m_graph;
    std::vector<std::unique_ptr<WeightRanges>> m_ranges; // by OperatorId, of those in a pair
    std::vector<Pair> m_pairs;
};

} // namespace

const Equalization& EqualizationWishes::of(const Operator& op) const
{
    if (const auto own = operators.find(keyOf(operators, op)); own != operators.end()) {
        return own->second;
    }
    const auto found = types.find(op.type);
    return found != types.end() ? found->second : all;
}

std::string obstacleToEqualization(const OperatorGraph& graph, const Operator& consumer)
{
    return scaledPathTo(graph, consumer).obstacle;
}

void equalizeWeights(OperatorGraph& graph, const EqualizationWishes& wishes)
{
    if (!wishes.isEmpty()) {
        Equalizer(graph, wishes).run();
    }
}

OperatorGraph withEqualizationOf(OperatorGraph graph, const OperatorGraph& other)
{
    for (const EqualizedPair& pair : other.equalized) {
        for (const OperatorId id : {pair.producer, pair.consumer}) {
            if (indexOf(id) >= graph.operators.size() || graph.at(id).name != other.at(id).name) {
                continue; // another network: who runs it finds out
            }
            Operator& op = graph.operators[indexOf(id)];
            op.constants = other.at(id).constants;
            op.activation = other.at(id).activation;
            op.upperBounds = other.at(id).upperBounds;
        }
    }
    graph.equalized = other.equalized;
    graph.options.equalize = other.options.equalize;
    return graph;
}

} // namespace core
