#include "core/graph/bind_shapes.h"

#include "core/base/error.h"
#include "core/graph/graph_binder.h"
#include "core/graph/operator_traits.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <set>

namespace core {

namespace {

void checkShape(const Value& input, const Shape& shape)
{
    if (input.type == DataType::Undefined) {
        throw Error(ErrorKind::InvalidModel, fmt::format("input '{}' has no element type", input.name));
    }
    bool fits = isStatic(shape) && (!input.hasShape || shape.size() == input.shape.size());
    for (std::size_t a = 0; fits && input.hasShape && a < shape.size(); ++a) {
        fits = input.shape[a] < 0 || input.shape[a] == shape[a];
    }
    if (!fits) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("input '{}' takes {}, got {}", input.name,
                                input.hasShape ? toString(input.shape) : "any shape", toString(shape)));
    }
}

struct NonFinite
{
    std::size_t nans = 0;
    std::size_t infinities = 0;
    void count(double x)
    {
        nans += std::isnan(x);
        infinities += std::isinf(x);
    }
};

NonFinite countNonFinite(const Tensor& tensor)
{
    NonFinite result;
    switch (tensor.type()) {
    case DataType::Float32:
        std::ranges::for_each(tensor.as<float>(), [&](float x) { result.count(x); });
        break;
    case DataType::Float64:
        std::ranges::for_each(tensor.as<double>(), [&](double x) { result.count(x); });
        break;
    case DataType::Float16:
        std::ranges::for_each(tensor.as<Float16>(), [&](Float16 x) { result.count(toFloat(x)); });
        break;
    case DataType::BFloat16:
        std::ranges::for_each(tensor.as<BFloat16>(), [&](BFloat16 x) { result.count(toFloat(x)); });
        break;
    default:
        break;
    }
    return result;
}

// Infinity is a fair bound of a Clip or a fair mask of an attention, never a fair factor.
bool multiplies(const std::string& type) { return traitsOf(type).hasFactors; }

/// Channels in which a BatchNormalization of finite constants has no finite factor γ / √(σ² + ε) or shift:
/// folded into weights they would be no numbers either.
std::string nonFiniteFactors(const Graph& graph, const Node& node)
{
    const auto constants = [&](std::size_t i) -> const Tensor* {
        const bool isConstant = node.hasInput(i) && graph.value(node.inputs[i]).constant;
        return isConstant ? &*graph.value(node.inputs[i]).constant : nullptr;
    };
    for (std::size_t i = 1; i < 5; ++i) {
        if (!constants(i)) {
            return {};
        }
    }
    const auto gamma = doublesOf(*constants(1));
    const auto beta = doublesOf(*constants(2));
    const auto mean = doublesOf(*constants(3));
    const auto variance = doublesOf(*constants(4));
    const auto epsilon = static_cast<double>(node.real("epsilon", 1e-5f));
    std::vector<std::size_t> channels;
    for (std::size_t c = 0; c < gamma.size() && c < variance.size(); ++c) {
        const auto factor = static_cast<float>(gamma[c] / std::sqrt(variance[c] + epsilon));
        const auto shift = static_cast<float>(beta[c] - static_cast<double>(factor) * mean[c]);
        if (!std::isfinite(factor) || !std::isfinite(shift)) {
            channels.push_back(c);
        }
    }
    return channels.empty()
        ? std::string()
        : fmt::format("{} (BatchNormalization): scale / sqrt(variance + epsilon) is infinite or "
                      "NaN in {} of {} channels, the first {} (variance {:g}, epsilon {:g})",
                      node.name, channels.size(), gamma.size(), channels.front(), variance[channels.front()],
                      epsilon);
}

} // namespace

std::shared_ptr<const Graph> bindShapes(const Graph& graph, const std::vector<Shape>& inputShapes,
                                        const std::map<std::string, Tensor>& constantInputs)
{
    if (inputShapes.size() != graph.inputs().size()) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("the model has {} inputs, {} shapes were given", graph.inputs().size(),
                                inputShapes.size()));
    }
    for (const auto& [name, tensor] : constantInputs) {
        if (std::ranges::none_of(graph.inputs(), [&](ValueId id) { return graph.value(id).name == name; })) {
            throw Error(ErrorKind::Usage, fmt::format("constant '{}' is no input of the model", name));
        }
    }
    GraphBinder binder(graph);
    std::vector<ValueId> all;
    std::vector<ValueId> open;
    for (std::size_t i = 0; i < inputShapes.size(); ++i) {
        const Value& input = graph.value(graph.inputs()[i]);
        const auto constant = constantInputs.find(input.name);
        if (constant != constantInputs.end()) {
            checkShape(input, constant->second.shape());
            if (constant->second.type() != input.type) {
                throw Error(ErrorKind::ShapeMismatch,
                            fmt::format("input '{}' is {}, its constant is {}", input.name,
                                        nameOf(input.type), nameOf(constant->second.type())));
            }
            all.push_back(binder.addConstant(input.name, constant->second));
            continue;
        }
        checkShape(input, inputShapes[i]);
        static_cast<void>(elementCount(inputShapes[i])); // refuses absurd sizes
        all.push_back(binder.addInput(input.name, {input.type, inputShapes[i]}));
        open.push_back(all.back());
    }
    const std::vector<ValueId> outputs = binder.place(graph, all, {});
    return std::make_shared<const Graph>(binder.finish(open, outputs));
}

std::vector<ValueInfo> inferOutputs(const Graph& graph, const std::vector<ValueInfo>& inputs,
                                    const std::vector<const Tensor*>& constants)
{
    GraphBinder binder(graph);
    std::vector<ValueId> all;
    std::vector<ValueId> open;
    for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
        const std::string& name = graph.value(graph.inputs()[i]).name;
        if (constants[i] != nullptr) {
            all.push_back(binder.addConstant(name, *constants[i]));
        } else {
            all.push_back(binder.addInput(name, inputs[i]));
            open.push_back(all.back());
        }
    }
    const std::vector<ValueId> outputs = binder.place(graph, all, {});
    static_cast<void>(binder.finish(open, outputs)); // throws what cannot run
    std::vector<ValueInfo> results;
    for (const ValueId id : outputs) {
        const Value& value = binder.value(id);
        if (!value.hasShape) {
            throw Error(ErrorKind::UnsupportedOperator,
                        fmt::format("the shape of '{}' depends on data", value.name));
        }
        results.push_back({value.type, value.shape});
    }
    return results;
}

bool hasStaticShapes(const Graph& graph)
{
    return std::ranges::all_of(graph.values(), [](const Value& value) {
        return value.type != DataType::Undefined && value.hasShape && isStatic(value.shape);
    });
}

void refuseNonFiniteWeights(const Graph& graph)
{
    std::vector<std::string> found;
    for (const Node& node : graph.nodes()) {
        for (const ValueId input : node.inputs) {
            if (input == kNoValue || !graph.value(input).constant) {
                continue;
            }
            const Tensor& constant = *graph.value(input).constant;
            const NonFinite count = countNonFinite(constant);
            if (count.nans > 0 || (count.infinities > 0 && multiplies(node.type))) {
                found.push_back(fmt::format("'{}' of {} ({}): {} NaN and {} infinite of {} values",
                                            graph.value(input).name, node.name, node.type, count.nans,
                                            count.infinities, constant.count()));
            }
        }
        const bool isNormalization = node.type == "BatchNormalization" && node.domain.empty();
        if (std::string factors = isNormalization ? nonFiniteFactors(graph, node) : ""; !factors.empty()) {
            found.push_back(std::move(factors));
        }
    }
    if (!found.empty()) {
        throw Error(
            ErrorKind::InvalidModel,
            fmt::format("weights that are no numbers: {}; export the model again", fmt::join(found, "; ")));
    }
}

} // namespace core
