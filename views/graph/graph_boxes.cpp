#include "views/graph/graph_boxes.h"

#include <algorithm>
#include <map>

namespace views {

namespace {

std::vector<std::string> innerNodes(const core::Results& results, std::uint32_t index)
{
    const core::LayerReport& layer = *results.report->layers[index];
    std::vector<std::string> lines = layer.nodes;
    if (results.operators && results.operators->graph && index < results.operators->operators.size()) {
        const core::Graph& graph = *results.operators->graph;
        const core::Operator& op = results.operators->operators[index];
        if (op.nodes.size() == lines.size()) {
            for (std::size_t i = 0; i < lines.size(); ++i) {
                if (core::indexOf(op.nodes[i]) < graph.nodes().size()) {
                    lines[i] += " · " + graph.node(op.nodes[i]).type;
                }
            }
        }
    }
    return lines;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> layerEdges(const core::Results& results)
{
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
    const std::size_t count = results.report->layers.size();
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
                edges.emplace_back(static_cast<std::uint32_t>(*producer), static_cast<std::uint32_t>(to));
            }
        }
    }
    return edges;
}

} // namespace

GraphBoxes boxesOf(const core::Results& results, const GraphFolding& folding)
{
    GraphBoxes picture;
    const auto& layers = results.report->layers;
    picture.boxOf.resize(layers.size());
    auto block = folding.blocks.begin();
    for (std::uint32_t i = 0; i < layers.size();) {
        while (block != folding.blocks.end() && block->first < i) {
            ++block;
        }
        GraphBox box{.first = i,
                     .count = 1,
                     .title = layers[i]->name,
                     .inner = {},
                     .depth = layers[i]->depth,
                     .nodes = layers[i]->nodes.size()};
        if (block != folding.blocks.end() && block->first == i && block->count > 1
            && i + block->count <= layers.size()) {
            box.count = block->count;
            box.title = block->title;
            box.nodes = 0;
            for (std::uint32_t k = i; k < i + box.count; ++k) {
                box.nodes += layers[k]->nodes.size();
            }
        } else if (folding.opened.contains(i)) {
            box.inner = innerNodes(results, i);
        }
        for (std::uint32_t k = i; k < i + box.count; ++k) {
            picture.boxOf[k] = static_cast<std::uint32_t>(picture.boxes.size());
        }
        i += box.count;
        picture.boxes.push_back(std::move(box));
    }
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> known;
    for (const auto& [from, to] : layerEdges(results)) {
        const std::pair ends(picture.boxOf[from], picture.boxOf[to]);
        if (ends.first == ends.second) {
            continue;
        }
        const auto [place, isNew] = known.try_emplace(ends, picture.edges.size());
        if (isNew) {
            picture.edges.push_back({ends.first, ends.second, {}});
        }
        auto& sources = picture.edges[place->second].sources;
        if (std::ranges::find(sources, from) == sources.end()) {
            sources.push_back(from);
        }
    }
    return picture;
}

} // namespace views
