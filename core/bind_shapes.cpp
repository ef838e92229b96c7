#include "core/bind_shapes.h"

#include "core/error.h"
#include "core/graph_binder.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

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

bool hasNonFinite(const Tensor& tensor)
{
    switch (tensor.type()) {
    case DataType::Float32:
        return std::ranges::any_of(tensor.as<float>(), [](float x) { return !std::isfinite(x); });
    case DataType::Float64:
        return std::ranges::any_of(tensor.as<double>(), [](double x) { return !std::isfinite(x); });
    case DataType::Float16:
        return std::ranges::any_of(tensor.as<Float16>(),
                                   [](Float16 x) { return !std::isfinite(toFloat(x)); });
    case DataType::BFloat16:
        return std::ranges::any_of(tensor.as<BFloat16>(),
                                   [](BFloat16 x) { return !std::isfinite(toFloat(x)); });
    default:
        return false;
    }
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

std::vector<std::string> nonFiniteConstants(const Graph& graph)
{
    std::vector<std::string> names;
    for (const Value& value : graph.values()) {
        if (value.constant && hasNonFinite(*value.constant)) {
            names.push_back(value.name);
        }
    }
    return names;
}

} // namespace core
