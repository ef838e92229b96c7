#pragma once

#include "core/execution/executable_support.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/quantization/resolved_plan.h"

#include <algorithm>
#include <cmath>
#include <random>

/// One operator in the quantized pipeline beside its twin: codes dequantized, computed in FP32, quantized.
namespace core::forms {

/// One operator between inputs and constants.
struct Case
{
    std::string name;
    std::string type;
    std::vector<Shape> inputs; ///< of floats
    std::vector<std::pair<std::size_t, Tensor>> constants{}; ///< by position among the node's inputs
    std::map<std::string, Attribute, std::less<>> attributes{};
    int opset = 13;
    std::size_t outputs = 1;
    std::string implementation{}; ///< its beginning; empty: any
};

inline void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

inline std::mt19937& engine()
{
    static std::mt19937 random(11);
    return random;
}

inline Tensor floats(const Shape& shape, float low = -2.0f, float high = 3.0f)
{
    TensorBuilder builder(DataType::Float32, shape);
    std::uniform_real_distribution<float> any(low, high);
    for (float& value : builder.as<float>()) {
        value = any(engine());
    }
    return std::move(builder).finish();
}

inline Tensor integers(const std::vector<std::int64_t>& values)
{
    return makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

inline std::shared_ptr<const OperatorGraph> graphOf(const Case& c)
{
    GraphBuilder builder;
    Node node;
    node.name = "op";
    node.type = c.type;
    node.version = c.opset;
    node.attributes = c.attributes;
    std::vector<Shape> shapes;
    std::size_t open = 0;
    for (std::size_t i = 0; i < c.inputs.size() + c.constants.size(); ++i) {
        const auto constant = std::ranges::find(c.constants, i, [](const auto& item) { return item.first; });
        if (constant == c.constants.end()) {
            shapes.push_back(c.inputs[open]);
            node.inputs.push_back(
                builder.input("x" + std::to_string(open++), DataType::Float32, shapes.back()));
        } else {
            node.inputs.push_back(constant->second.isDefined()
                                      ? builder.constant("c" + std::to_string(i), constant->second)
                                      : kNoValue);
        }
    }
    for (std::size_t i = 0; i < c.outputs; ++i) {
        node.outputs.push_back(builder.value("y" + std::to_string(i)));
    }
    const auto outputs = node.outputs;
    builder.node(std::move(node));
    for (const ValueId id : outputs) {
        builder.output(id);
    }
    return fuseOperators(bindShapes(std::move(builder).finish(), shapes), {});
}

inline QuantizationPlan planOf()
{
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.types.clear(); // Softmax, too
    plan.defaults.weight.granularity = Granularity{Granularity::Kind::PerTensor, 0};
    return plan;
}

inline std::vector<TensorStatistics> statisticsOf(const SampleValues& values)
{
    std::vector<TensorStatistics> result(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].isDefined() && values[i].type() == DataType::Float32) {
            result[i] = core::statisticsOf(values[i].as<float>(), {1, 1});
        }
    }
    return result;
}

/// The operator in FP32 on what its codes stand for; weights and bias dequantized.
inline std::vector<Tensor> twinOf(const OperatorGraph& graph, const Operator& op, const ResolvedPlan& plan,
                                  const ResolvedOperator& resolved, const SampleValues& values)
{
    Operator copy = op;
    std::vector<Tensor> inputs(op.inputs.size());
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] != kNoValue && !op.constants[i]) {
            const Tensor& value = values[indexOf(op.inputs[i])];
            inputs[i] = plan.isCodes(graph, op.inputs[i])
                ? dequantized(value, plan.values[indexOf(op.inputs[i])]->params)
                : value;
        }
    }
    if (resolved.weights) {
        const float scale = resolved.weights->params.scale[0];
        const std::size_t k = resolved.kind == QuantizedKind::Linear || op.constants[1] ? 1 : 0;
        std::vector<float> reals;
        for (const auto code : resolved.weights->codes) {
            reals.push_back(scale * static_cast<float>(code));
        }
        copy.constants[k] = makeTensor<float>(op.constants[k]->shape(), reals);
        if (!resolved.weights->bias.empty()) {
            std::vector<float> bias;
            for (const std::int32_t code : resolved.weights->bias) {
                bias.push_back(scale * plan.values[indexOf(op.inputs[0])]->params.scale[0]
                               * static_cast<float>(code));
            }
            copy.constants[2] = makeTensor<float>({static_cast<std::int64_t>(bias.size())}, bias);
        }
    }
    return evaluateOperator(copy, inputs);
}

} // namespace core::forms
