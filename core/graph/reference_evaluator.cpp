#include "core/graph/reference_evaluator.h"

#include "core/base/checked.h"
#include "core/graph/checked_inference.h"
#include "core/graph/operator_registry.h"

#include <algorithm>
#include <fmt/format.h>
#include <new>
#include <stdexcept>

namespace core {

namespace {

void checkInputs(const Graph& graph, std::span<const Tensor> inputs)
{
    if (inputs.size() != graph.inputs().size()) {
        throw Error(
            ErrorKind::ShapeMismatch,
            fmt::format("the graph has {} inputs, {} were given", graph.inputs().size(), inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Value& value = graph.value(graph.inputs()[i]);
        bool fits = value.type == DataType::Undefined || value.type == inputs[i].type();
        if (value.hasShape) {
            fits = fits && value.shape.size() == inputs[i].rank();
            for (std::size_t a = 0; fits && a < value.shape.size(); ++a) {
                fits = value.shape[a] < 0 || value.shape[a] == inputs[i].shape()[a];
            }
        }
        if (!fits) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("input '{}' takes {} {}, got {} {}", value.name, nameOf(value.type),
                                    toString(value.shape), nameOf(inputs[i].type()),
                                    toString(inputs[i].shape())));
        }
    }
}

/// For each value the last node that reads it; nodes().size() for those that must stay.
std::vector<std::size_t> lastReaders(const Graph& graph)
{
    std::vector<std::size_t> last(graph.values().size(), 0);
    for (std::size_t v = 0; v < last.size(); ++v) {
        for (const NodeId reader : graph.values()[v].consumers) {
            last[v] = std::max(last[v], indexOf(reader));
        }
    }
    for (const ValueId id : graph.outputs()) {
        last[indexOf(id)] = graph.nodes().size();
    }
    return last;
}

enum class Keep
{
    Outputs,
    Everything
};

std::vector<Tensor> run(const Graph& graph, std::span<const Tensor> inputs, Keep keep)
{
    checkInputs(graph, inputs);
    std::vector<Tensor> values(graph.values().size());
    for (std::size_t v = 0; v < values.size(); ++v) {
        if (graph.values()[v].constant) {
            values[v] = *graph.values()[v].constant;
        }
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        values[indexOf(graph.inputs()[i])] = inputs[i];
    }
    const std::vector<std::size_t> last = lastReaders(graph);
    for (std::size_t n = 0; n < graph.nodes().size(); ++n) {
        const Node& node = graph.nodes()[n];
        std::vector<Tensor> operands;
        for (const ValueId id : node.inputs) {
            operands.push_back(id == kNoValue ? Tensor{} : values[indexOf(id)]);
        }
        std::vector<Tensor> results = evaluateNode(node, operands);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (node.hasOutput(i)) {
                values[indexOf(node.outputs[i])] = std::move(results[i]);
            }
        }
        if (keep == Keep::Outputs) {
            for (const ValueId id : node.inputs) {
                if (id != kNoValue && last[indexOf(id)] == n) {
                    values[indexOf(id)] = {};
                }
            }
        }
    }
    return values;
}

/// Types and shapes by inference, also where they depended on data until now.
std::vector<ValueInfo> checkedResults(const Node& node, const OperatorDefinition& definition,
                                      std::span<const Tensor> inputs)
{
    InferContext context{node, {}, {}, true};
    for (const Tensor& tensor : inputs) {
        context.inputs.push_back({tensor.type(), tensor.shape()});
        context.constants.push_back(tensor.isDefined() ? &tensor : nullptr);
    }
    std::vector<ValueInfo> results = inferChecked(definition, context);
    for (const ValueInfo& result : results) {
        if (isStatic(result.shape)) {
            checkValueSize(result.type, result.shape);
        }
    }
    return results;
}

bool holdNoElement(const std::vector<ValueInfo>& results)
{
    return !results.empty() && std::ranges::all_of(results, [](const ValueInfo& result) {
        return result.type != DataType::Undefined && isStatic(result.shape)
            && elementCount(result.shape) == 0;
    });
}

} // namespace

void checkValueSize(DataType type, const Shape& shape)
{
    // Past this no value can be computed on a desktop; a shape that claims it is an error, not a request for
    // memory.
    constexpr std::size_t kMostBytes = std::size_t{16} << 30;
    if (static_cast<std::size_t>(elementCount(shape)) > kMostBytes / std::max<std::size_t>(1, sizeOf(type))) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("output of shape {} needs more than 16 GiB", toString(shape)));
    }
}

std::vector<Tensor> evaluateNode(const Node& node, std::span<const Tensor> inputs)
{
    const OperatorDefinition* definition = findOperator(node.domain, node.type);
    if (definition == nullptr) {
        throw Error(ErrorKind::UnsupportedOperator,
                    fmt::format("{}: operator {} is not known", node.name, node.type));
    }
    std::vector<Tensor> results = evaluateNamed(node, [&] {
        const std::vector<ValueInfo> expected = checkedResults(node, *definition, inputs);
        if (!holdNoElement(expected)) {
            return definition->evaluate(node, inputs);
        }
        std::vector<Tensor> empty;
        for (const ValueInfo& result : expected) {
            empty.push_back(TensorBuilder(result.type, result.shape).finish());
        }
        return empty;
    });
    results.resize(node.outputs.size());
    return results;
}

std::vector<Tensor> evaluateNamed(const Node& node, const std::function<std::vector<Tensor>()>& evaluate)
{
    try {
        return evaluate();
    } catch (const Error& error) {
        const std::string reason = error.what();
        throw Error(error.kind(),
                    reason.starts_with(node.name + ": ")
                        ? reason
                        : fmt::format("{} ({}): {}", node.name, node.type, reason));
    } catch (const std::length_error&) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("{}: {} needs more memory than there is", node.name, node.type));
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("{}: {} needs more memory than there is", node.name, node.type));
    }
}

std::vector<Tensor> evaluateReference(const Graph& graph, std::span<const Tensor> inputs)
{
    const std::vector<Tensor> values = run(graph, inputs, Keep::Outputs);
    std::vector<Tensor> outputs;
    for (const ValueId id : graph.outputs()) {
        outputs.push_back(values[indexOf(id)]);
    }
    return outputs;
}

std::vector<Tensor> evaluateReferenceValues(const Graph& graph, std::span<const Tensor> inputs)
{
    return run(graph, inputs, Keep::Everything);
}

} // namespace core
