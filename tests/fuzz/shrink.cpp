#include "tests/fuzz/shrink.h"

#include <algorithm>
#include <cmath>

namespace fuzz {

namespace {

using Candidates = std::vector<DrawnGraph>;

bool isBodyReading(const DrawnNode& node, const std::string& name)
{
    return std::ranges::any_of(node.bodies, [&](const auto& body) {
        return std::ranges::any_of(body.second->nodes, [&](const DrawnNode& inner) {
            return std::ranges::find(inner.inputs, name) != inner.inputs.end();
        });
    });
}

bool isRead(const DrawnGraph& graph, const std::string& name)
{
    return std::ranges::find(graph.outputs, name) != graph.outputs.end()
        || std::ranges::any_of(graph.nodes, [&](const DrawnNode& node) {
               return std::ranges::find(node.inputs, name) != node.inputs.end() || isBodyReading(node, name);
           });
}

/// Without nodes, inputs and constants that nothing reads.
DrawnGraph pruned(DrawnGraph graph)
{
    for (bool changed = true; changed;) {
        const std::size_t before = graph.nodes.size();
        std::erase_if(graph.nodes, [&](const DrawnNode& node) {
            return std::ranges::none_of(node.outputs,
                                        [&](const std::string& output) { return isRead(graph, output); });
        });
        changed = graph.nodes.size() != before;
    }
    std::erase_if(graph.constants,
                  [&](const DrawnConstant& constant) { return !isRead(graph, constant.name); });
    std::erase_if(graph.inputs, [&](const DrawnInput& input) {
        return graph.inputs.size() > 1 && !isRead(graph, input.name);
    });
    return graph;
}

/// One output alone; or the results of an inner node as the only outputs.
Candidates withFewerOutputs(const DrawnGraph& graph)
{
    Candidates all;
    for (const DrawnNode& node : graph.nodes) {
        Names results = node.outputs;
        std::erase(results, "");
        if (results != graph.outputs) {
            DrawnGraph cut = graph;
            cut.outputs = results;
            all.push_back(pruned(std::move(cut)));
        }
    }
    for (const std::string& output : graph.outputs) {
        if (graph.outputs.size() > 1) {
            DrawnGraph one = graph;
            one.outputs = {output};
            all.push_back(pruned(std::move(one)));
        }
    }
    return all;
}

/// A node taken out: its readers read one of its own inputs instead.
Candidates withoutNodes(const DrawnGraph& graph)
{
    Candidates all;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const DrawnNode& node = graph.nodes[i];
        for (const std::string& source : node.inputs) {
            if (source.empty() || std::ranges::find(graph.outputs, node.outputs[0]) != graph.outputs.end()) {
                continue;
            }
            DrawnGraph cut = graph;
            cut.nodes.erase(cut.nodes.begin() + static_cast<std::ptrdiff_t>(i));
            for (DrawnNode& reader : cut.nodes) {
                std::ranges::replace(reader.inputs, node.outputs[0], source);
            }
            all.push_back(pruned(std::move(cut)));
        }
    }
    return all;
}

Candidates withFewerAttributes(const DrawnGraph& graph)
{
    Candidates all;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const auto& [key, value] : graph.nodes[i].attributes) {
            all.push_back(graph);
            all.back().nodes[i].attributes.erase(key);
        }
        for (std::size_t k = 1; k < graph.nodes[i].inputs.size(); ++k) {
            DrawnGraph cut = graph;
            cut.nodes[i].inputs[k].clear();
            while (!cut.nodes[i].inputs.empty() && cut.nodes[i].inputs.back().empty()) {
                cut.nodes[i].inputs.pop_back();
            }
            if (!graph.nodes[i].inputs[k].empty()) {
                all.push_back(pruned(std::move(cut)));
            }
        }
        if (graph.nodes[i].outputs.size() > 1) {
            all.push_back(graph);
            all.back().nodes[i].outputs.resize(graph.nodes[i].outputs.size() - 1);
            std::erase(all.back().outputs, graph.nodes[i].outputs.back());
        }
    }
    return all;
}

core::Tensor cropped(const core::Tensor& tensor, const core::Shape& shape)
{
    const auto values = core::doublesOf(tensor);
    const auto strides = core::rowMajorStrides(tensor.shape());
    std::vector<double> kept;
    for (std::int64_t i = 0; i < core::elementCount(shape); ++i) {
        std::int64_t rest = i;
        std::int64_t at = 0;
        for (std::size_t a = shape.size(); a-- > 0;) {
            at += rest % shape[a] * strides[a];
            rest /= shape[a];
        }
        kept.push_back(values[static_cast<std::size_t>(at)]);
    }
    return core::castTo(core::makeTensor<double>(shape, kept), tensor.type());
}

void resize(core::Tensor& tensor, std::int64_t from, std::int64_t to)
{
    core::Shape shape = tensor.shape();
    std::ranges::replace(shape, from, to);
    if (shape != tensor.shape()) {
        tensor = cropped(tensor, shape);
    }
}

/// Every dimension of one length made shorter everywhere, or in one tensor alone.
Candidates withShorterAxes(const DrawnGraph& graph)
{
    std::set<std::int64_t> lengths;
    for (const DrawnInput& input : graph.inputs) {
        lengths.insert(input.samples[0].shape().begin(), input.samples[0].shape().end());
    }
    for (const DrawnConstant& constant : graph.constants) {
        lengths.insert(constant.tensor.shape().begin(), constant.tensor.shape().end());
    }
    Candidates all;
    for (const std::int64_t from : lengths) {
        for (const std::int64_t to : {std::int64_t{1}, from / 2, from - 1}) {
            if (to < 1 || to >= from) {
                continue;
            }
            DrawnGraph cut = graph;
            for (DrawnInput& input : cut.inputs) {
                std::ranges::for_each(input.samples, [&](core::Tensor& t) { resize(t, from, to); });
            }
            for (DrawnConstant& constant : cut.constants) {
                resize(constant.tensor, from, to);
            }
            all.push_back(std::move(cut));
            for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
                DrawnGraph one = graph;
                std::ranges::for_each(one.inputs[i].samples, [&](core::Tensor& t) { resize(t, from, to); });
                all.push_back(std::move(one));
            }
        }
    }
    return all;
}

core::Tensor plain(const core::Tensor& tensor, double (*made)(double, std::size_t))
{
    auto values = core::doublesOf(tensor);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = made(values[i], i);
    }
    return core::castTo(core::makeTensor<double>(tensor.shape(), values), tensor.type());
}

/// One sample; values 0, 1, 0 1 2 …, or rounded to halves.
Candidates withPlainValues(const DrawnGraph& graph)
{
    constexpr double (*kForms[])(double, std::size_t) = {
        [](double, std::size_t) { return 0.0; }, [](double, std::size_t) { return 1.0; },
        [](double, std::size_t i) { return static_cast<double>(i); },
        [](double x, std::size_t) { return std::round(2.0 * x) / 2.0; }};
    Candidates all;
    if (graph.samples() > 1) {
        all.push_back(graph);
        for (DrawnInput& input : all.back().inputs) {
            input.samples.resize(1);
        }
    }
    for (std::size_t i = 0; i < graph.inputs.size() + graph.constants.size(); ++i) {
        const bool isInput = i < graph.inputs.size();
        const core::Tensor& before =
            isInput ? graph.inputs[i].samples[0] : graph.constants[i - graph.inputs.size()].tensor;
        for (const auto form : kForms) {
            const core::Tensor after = plain(before, form);
            if (!core::isFloatingPoint(before.type()) || core::doublesOf(after) == core::doublesOf(before)) {
                break; // already as plain as that
            }
            all.push_back(graph);
            if (isInput) {
                all.back().inputs[i].samples[0] = after;
            } else {
                all.back().constants[i - graph.inputs.size()].tensor = after;
            }
        }
    }
    return all;
}

Candidates withPlainForms(const DrawnGraph& graph)
{
    Candidates all;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        if (graph.inputs[i].hasDynamicBatch) {
            all.push_back(graph);
            all.back().inputs[i].hasDynamicBatch = false;
        }
    }
    return all;
}

} // namespace

DrawnGraph shrunk(DrawnGraph graph, const std::function<bool(const DrawnGraph&)>& fails, int tries)
{
    for (bool smaller = true; smaller && tries > 0;) {
        smaller = false;
        for (const auto step : {withFewerOutputs, withoutNodes, withFewerAttributes, withShorterAxes,
                                withPlainValues, withPlainForms}) {
            const Candidates candidates = step(graph);
            const auto found = std::ranges::find_if(
                candidates, [&](const DrawnGraph& candidate) { return tries-- > 0 && fails(candidate); });
            if (found != candidates.end()) {
                graph = *found;
                smaller = true;
                break;
            }
        }
    }
    return graph;
}

} // namespace fuzz
