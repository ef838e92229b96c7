#include "core/ops/definitions.h"
#include "core/ops/infer.h"
#include "core/ops/strided.h"

#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// Constant in its numeric forms; sparse and string constants are refused.
Tensor constantOf(const Node& node)
{
    if (const Attribute* value = node.find("value")) {
        if (const auto* tensor = std::get_if<Tensor>(value)) {
            return *tensor;
        }
    }
    if (node.find("value_float")) {
        return makeTensor<float>({}, std::vector<float>{node.real("value_float", 0.0f)});
    }
    if (node.find("value_int")) {
        return makeTensor<std::int64_t>({}, std::vector<std::int64_t>{node.integer("value_int", 0)});
    }
    if (node.find("value_floats")) {
        const auto values = node.reals("value_floats");
        return makeTensor<float>({std::ssize(values)}, values);
    }
    if (node.find("value_ints")) {
        const auto values = node.integers("value_ints");
        return makeTensor<std::int64_t>({std::ssize(values)}, values);
    }
    fail(node, "a constant that is no dense numeric tensor", ErrorKind::UnsupportedOperator);
}

std::vector<ValueInfo> inferConstant(const InferContext& c)
{
    const Tensor value = constantOf(c.node);
    return {{value.type(), value.shape()}};
}

Tensor fillValue(const Node& node)
{
    const Attribute* value = node.find("value");
    if (value == nullptr) {
        return makeTensor<float>({}, std::vector<float>{0.0f});
    }
    const auto* tensor = std::get_if<Tensor>(value);
    if (tensor == nullptr || tensor->count() != 1) {
        fail(node, "value must be a tensor of one element", ErrorKind::InvalidModel);
    }
    return *tensor;
}

std::vector<ValueInfo> inferConstantOfShape(const InferContext& c)
{
    requireInputs(c, 1);
    const Integers shape = integersOf(c, "", 0);
    const DataType type = fillValue(c.node).type();
    if (shape.isUnknown()) {
        return {{type, Shape(static_cast<std::size_t>(shape.count), kDynamic)}};
    }
    return {{type, *shape.values}};
}

constexpr OperatorDefinition kDefinitions[] = {
    {"", "Constant", 1, inferConstant, [](const Node& n, Inputs) -> Outputs { return {constantOf(n)}; }},
    {"", "ConstantOfShape", 9, inferConstantOfShape,
     [](const Node& n, Inputs in) -> Outputs { return {filled(fillValue(n), core::integersOf(in[0]))}; }},
};

} // namespace

std::span<const OperatorDefinition> generatorOperators() { return kDefinitions; }

} // namespace core::ops
