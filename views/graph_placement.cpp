#include "views/graph_placement.h"

#include <algorithm>
#include <map>

namespace views {

namespace {

std::vector<GraphEdge> edgesOf(const core::Results& results)
{
    std::vector<GraphEdge> edges;
    const auto count = results.report->layers.size();
    if (!results.operators || results.operators->operators.size() != count) {
        return edges;
    }
    const core::OperatorGraph& graph = *results.operators;
    for (std::size_t to = 0; to < count; ++to) {
        for (const core::ValueId value : graph.operators[to].inputs) {
            if (value == core::kNoValue || core::indexOf(value) >= graph.producerOf.size()) {
                continue;
            }
            if (const auto producer = graph.producerOf[core::indexOf(value)]) {
                edges.push_back({static_cast<std::uint32_t>(*producer), static_cast<std::uint32_t>(to)});
            }
        }
    }
    return edges;
}

} // namespace

GraphPlacement placeOperators(const core::Results& results)
{
    GraphPlacement placement;
    const auto& layers = results.report->layers;
    placement.nodes.resize(layers.size());
    placement.edges = edgesOf(results);
    std::vector<std::vector<std::uint32_t>> sources(layers.size());
    for (const GraphEdge& edge : placement.edges) {
        sources[edge.to].push_back(edge.from);
    }
    std::map<int, std::vector<std::size_t>> rows;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        rows[layers[i]->depth].push_back(i);
    }
    for (auto& [depth, members] : rows) {
        std::vector<std::pair<double, std::size_t>> ordered;
        for (const std::size_t i : members) {
            double lane = 0.0;
            for (const std::uint32_t source : sources[i]) {
                lane += placement.nodes[source].lane / static_cast<double>(sources[i].size());
            }
            ordered.emplace_back(lane, i);
        }
        std::ranges::stable_sort(ordered, {}, &std::pair<double, std::size_t>::first);
        const double middle = static_cast<double>(ordered.size() - 1) / 2.0;
        for (std::size_t k = 0; k < ordered.size(); ++k) {
            placement.nodes[ordered[k].second] = {placement.rows, static_cast<double>(k) - middle};
        }
        ++placement.rows;
    }
    return placement;
}

} // namespace views
