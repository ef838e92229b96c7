#include "core/graph/ops/infer.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::ops {

void fail(const Node& node, const std::string& reason, ErrorKind kind)
{
    throw Error(kind, node.name + ": " + reason);
}

void requireInputs(const InferContext& context, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        if (!hasInput(context, i)) {
            fail(context.node,
                 fmt::format("{} needs {} inputs, input {} is missing", context.node.type, count, i),
                 ErrorKind::InvalidModel);
        }
    }
}

const ValueInfo& inputOfRank(const InferContext& context, std::size_t i, std::size_t leastRank)
{
    requireInputs(context, i + 1);
    const ValueInfo& info = context.inputs[i];
    if (info.shape.size() < leastRank) {
        fail(context.node,
             fmt::format("input {} has shape {}, {} needs at least {} dimensions", i, toString(info.shape),
                         context.node.type, leastRank));
    }
    return info;
}

Integers integersOf(const InferContext& context, std::string_view attribute, std::size_t i)
{
    if (context.node.find(attribute)) {
        auto values = context.node.integers(attribute);
        return {true, static_cast<std::int64_t>(values.size()), std::move(values)};
    }
    if (!hasInput(context, i)) {
        return {};
    }
    Integers result{true, elementCount(context.inputs[i].shape), std::nullopt};
    if (context.constants[i]) {
        result.values = core::integersOf(*context.constants[i]);
    }
    return result;
}

Integers integersOf(const Node& node, std::span<const Tensor> inputs, std::string_view attribute,
                    std::size_t i)
{
    if (node.find(attribute)) {
        auto values = node.integers(attribute);
        return {true, static_cast<std::int64_t>(values.size()), std::move(values)};
    }
    if (!hasInput(inputs, i)) {
        return {};
    }
    return {true, inputs[i].count(), core::integersOf(inputs[i])};
}

std::int64_t firstInteger(const Node& node, const Tensor& tensor)
{
    if (tensor.count() == 0) {
        fail(node, "an input that should be a number is empty");
    }
    return core::integersOf(tensor)[0];
}

double firstNumber(const Node& node, const Tensor& tensor)
{
    if (tensor.count() == 0) {
        fail(node, "an input that should be a number is empty");
    }
    return doublesOf(tensor)[0];
}

void requireType(const InferContext& context, std::size_t i, DataType type)
{
    requireInputs(context, i + 1);
    if (context.inputs[i].type != type) {
        fail(context.node,
             fmt::format("input {} is {}, it must be {}", i, nameOf(context.inputs[i].type), nameOf(type)),
             ErrorKind::InvalidModel);
    }
}

std::vector<std::int64_t> normalizedAxes(const Node& node, std::vector<std::int64_t> axes, std::size_t rank)
{
    for (std::int64_t& axis : axes) {
        axis = normalizedAxis(axis, rank);
    }
    auto sorted = axes;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) {
        fail(node, "an axis is given twice", ErrorKind::InvalidModel);
    }
    return axes;
}

std::vector<ValueInfo> inferSame(const InferContext& context)
{
    requireInputs(context, 1);
    return {context.inputs[0]};
}

Shape broadcastOf(const InferContext& context)
{
    Shape shape;
    for (const ValueInfo& info : context.inputs) {
        if (info.type != DataType::Undefined) {
            shape = broadcastShapes(shape, info.shape);
        }
    }
    return shape;
}

Shape broadcastOf(std::span<const Tensor> inputs)
{
    Shape shape;
    for (const Tensor& tensor : inputs) {
        if (tensor.isDefined()) {
            shape = broadcastShapes(shape, tensor.shape());
        }
    }
    return shape;
}

std::vector<ValueInfo> inferBinary(const InferContext& context)
{
    if (context.inputs.size() != 2) {
        fail(context.node,
             fmt::format("{} takes 2 operands, it has {}", context.node.type, context.inputs.size()),
             ErrorKind::InvalidModel);
    }
    return inferBroadcast(context);
}

std::vector<ValueInfo> inferBroadcast(const InferContext& context)
{
    requireInputs(context, std::max<std::size_t>(1, context.inputs.size()));
    for (const ValueInfo& info : context.inputs) {
        if (info.type != context.inputs[0].type && info.type != DataType::Undefined) {
            fail(context.node,
                 fmt::format("operands have element types {} and {}", nameOf(context.inputs[0].type),
                             nameOf(info.type)),
                 ErrorKind::InvalidModel);
        }
    }
    return {{context.inputs[0].type, broadcastOf(context)}};
}

DataType dataTypeOfCode(const Node& node, std::int64_t code)
{
    switch (code) {
    case 1:
        return DataType::Float32;
    case 2:
        return DataType::UInt8;
    case 3:
        return DataType::Int8;
    case 4:
        return DataType::UInt16;
    case 5:
        return DataType::Int16;
    case 6:
        return DataType::Int32;
    case 7:
        return DataType::Int64;
    case 9:
        return DataType::Bool;
    case 10:
        return DataType::Float16;
    case 11:
        return DataType::Float64;
    case 12:
        return DataType::UInt32;
    case 13:
        return DataType::UInt64;
    case 16:
        return DataType::BFloat16;
    default:
        fail(node, fmt::format("element type {} is not supported", code), ErrorKind::UnsupportedOperator);
    }
}

} // namespace core::ops
