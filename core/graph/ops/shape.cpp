#include "core/base/checked.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/shape_value.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace core::ops {

Tensor shapeValue(const Node& node, const Shape& shape)
{
    if (node.type == "Size") {
        return makeTensor<std::int64_t>({}, std::vector<std::int64_t>{elementCount(shape)});
    }
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto clamped = [&](std::int64_t i) {
        return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank);
    };
    const std::int64_t first = clamped(node.integer("start", 0)); // start and end since opset 15
    const std::int64_t last = std::max(first, clamped(node.integer("end", rank)));
    const std::vector<std::int64_t> part(shape.begin() + first, shape.begin() + last);
    return makeTensor<std::int64_t>({last - first}, part);
}

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

std::vector<ValueInfo> inferShape(const InferContext& c)
{
    requireInputs(c, 1);
    return {{DataType::Int64, shapeValue(c.node, c.inputs[0].shape).shape()}};
}

/// 0 copies a dimension unless allowzero, −1 takes what is left.
Shape reshapedShape(const Node& node, const Shape& src, std::vector<std::int64_t> wanted)
{
    const bool allowsZero = node.integer("allowzero", 0) != 0;
    Checked known = 1;
    auto open = wanted.end();
    for (auto it = wanted.begin(); it != wanted.end(); ++it) {
        const auto i = static_cast<std::size_t>(it - wanted.begin());
        if (*it == 0 && !allowsZero) {
            if (i >= src.size()) {
                fail(node,
                     fmt::format("shape entry {} copies a dimension that src {} does not have", i,
                                 toString(src)));
            }
            *it = src[i];
        }
        if (*it == -1) {
            if (open != wanted.end()) {
                fail(node, "two dimensions of the new shape are -1", ErrorKind::InvalidModel);
            }
            open = it;
        } else if (*it < 0) {
            fail(node, fmt::format("dimension {} of the new shape is negative", *it),
                 ErrorKind::InvalidModel);
        } else {
            known = known * *it;
        }
    }
    const std::int64_t count = elementCount(src);
    if (open != wanted.end()) {
        *open = known > 0 ? count / known.value() : 0;
    }
    if (elementCount(wanted) != count) {
        fail(node, fmt::format("src {} does not fit the new shape {}", toString(src), toString(wanted)));
    }
    return wanted;
}

std::vector<ValueInfo> inferReshape(const InferContext& c)
{
    requireInputs(c, 1);
    const Integers wanted = integersOf(c, "shape", 1); // an attribute before opset 5
    if (wanted.isUnknown()) {
        return {{c.inputs[0].type, Shape(static_cast<std::size_t>(wanted.count), kDynamic)}};
    }
    if (!wanted.isPresent) {
        fail(c.node, "the new shape is missing", ErrorKind::InvalidModel);
    }
    return {{c.inputs[0].type, reshapedShape(c.node, c.inputs[0].shape, *wanted.values)}};
}

Outputs evaluateReshape(const Node& node, Inputs in)
{
    return {
        in[0].reshaped(reshapedShape(node, in[0].shape(), integersOf(node, in, "shape", 1).values.value()))};
}

Shape flattenedShape(const Node& node, const Shape& src)
{
    const std::int64_t given = node.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(src.size());
    const std::int64_t axis = given < 0 ? given + rank : given; // may equal the rank
    if (axis < 0 || axis > rank) {
        fail(node, fmt::format("axis {} is outside src {}", given, toString(src)), ErrorKind::InvalidModel);
    }
    const auto a = static_cast<std::size_t>(axis);
    return {extent(src, 0, a), extent(src, a, src.size())};
}

Shape squeezedShape(const Node& node, const Shape& src, const Integers& given)
{
    std::vector<std::int64_t> axes =
        normalizedAxes(node, given.values.value_or(std::vector<std::int64_t>{}), src.size());
    Shape shape;
    for (std::size_t i = 0; i < src.size(); ++i) {
        const bool isNamed = std::ranges::find(axes, static_cast<std::int64_t>(i)) != axes.end();
        if (isNamed && src[i] != 1) {
            fail(node, fmt::format("axis {} of src {} is not 1", i, toString(src)));
        }
        if (!isNamed && (given.isPresent || src[i] != 1)) {
            shape.push_back(src[i]);
        }
    }
    return shape;
}

std::vector<ValueInfo> inferSqueeze(const InferContext& c)
{
    requireInputs(c, 1);
    const Integers axes = integersOf(c, "axes", 1);
    const Shape& src = c.inputs[0].shape;
    if (axes.isUnknown() && axes.count <= std::ssize(src)) {
        return {{c.inputs[0].type, Shape(src.size() - static_cast<std::size_t>(axes.count), kDynamic)}};
    }
    return {{c.inputs[0].type, squeezedShape(c.node, src, axes)}};
}

Shape unsqueezedShape(const Node& node, const Shape& src, const Integers& given)
{
    if (!given.values) {
        fail(node, "axes are missing", ErrorKind::InvalidModel);
    }
    const std::size_t rank = src.size() + given.values->size();
    const auto axes = normalizedAxes(node, *given.values, rank);
    Shape shape;
    for (std::size_t i = 0, from = 0; i < rank; ++i) {
        const bool isNew = std::ranges::find(axes, static_cast<std::int64_t>(i)) != axes.end();
        shape.push_back(isNew ? 1 : src[from++]);
    }
    return shape;
}

std::vector<ValueInfo> inferUnsqueeze(const InferContext& c)
{
    requireInputs(c, 1);
    const Integers axes = integersOf(c, "axes", 1);
    const Shape& src = c.inputs[0].shape;
    if (axes.isUnknown()) {
        return {{c.inputs[0].type, Shape(src.size() + static_cast<std::size_t>(axes.count), kDynamic)}};
    }
    return {{c.inputs[0].type, unsqueezedShape(c.node, src, axes)}};
}

/// The mask of a Dropout in inference keeps everything. Up to opset 9 it has the type of the data.
std::vector<ValueInfo> inferDropout(const InferContext& c)
{
    requireInputs(c, 1);
    const DataType mask = c.node.version < 10 ? c.inputs[0].type : DataType::Bool;
    const bool dropsNothing = hasInput(c, 1) && c.constants[1] && firstNumber(c.node, *c.constants[1]) == 0.0;
    const bool isTraining = hasInput(c, 2) && (!c.constants[2] || firstInteger(c.node, *c.constants[2]) != 0);
    if (isTraining && !dropsNothing) {
        fail(c.node, "training mode draws random numbers; export the model for inference",
             ErrorKind::UnsupportedOperator);
    }
    return {c.inputs[0], {mask, c.inputs[0].shape}};
}

Outputs evaluateDropout(const Node& node, Inputs in)
{
    Outputs result{in[0]};
    if (node.hasOutput(1)) {
        const DataType type = node.version < 10 ? in[0].type() : DataType::Bool;
        const Tensor one = castTo(makeTensor<float>({}, std::vector<float>{1.0f}), type);
        result.push_back(filled(one, in[0].shape()));
    }
    return result;
}

std::vector<ValueInfo> inferCast(const InferContext& c)
{
    requireInputs(c, 1);
    return {{dataTypeOfCode(c.node, c.node.integer("to", 0)), c.inputs[0].shape}};
}

std::vector<ValueInfo> inferCastLike(const InferContext& c)
{
    requireInputs(c, 2);
    return {{c.inputs[1].type, c.inputs[0].shape}};
}

std::vector<ValueInfo> inferBitCast(const InferContext& c)
{
    requireInputs(c, 1);
    const DataType to = dataTypeOfCode(c.node, c.node.integer("to", 0));
    if (sizeOf(to) != sizeOf(c.inputs[0].type)) {
        fail(c.node, fmt::format("{} and {} differ in size", nameOf(c.inputs[0].type), nameOf(to)),
             ErrorKind::InvalidModel);
    }
    return {{to, c.inputs[0].shape}};
}

/// The same bytes as another type.
Outputs evaluateBitCast(const Node& node, Inputs in)
{
    return {{dataTypeOfCode(node, node.integer("to", 0)), in[0].shape(), in[0].bytes()}};
}

constexpr OperatorDefinition kShapeOperators[] = {
    {"", "Shape", 1, inferShape,
     [](const Node& n, Inputs in) -> Outputs { return {shapeValue(n, in[0].shape())}; }},
    {"", "Size", 1, inferShape,
     [](const Node& n, Inputs in) -> Outputs { return {shapeValue(n, in[0].shape())}; }},
    {"", "Identity", 1, inferSame, [](const Node&, Inputs in) -> Outputs { return {in[0]}; }},
    {"", "Dropout", 1, inferDropout, evaluateDropout},
    {"", "Reshape", 1, inferReshape, evaluateReshape},
    {"", "Flatten", 1,
     [](const InferContext& c) -> std::vector<ValueInfo> {
         requireInputs(c, 1);
         return {{c.inputs[0].type, flattenedShape(c.node, c.inputs[0].shape)}};
     },
     [](const Node& n, Inputs in) -> Outputs { return {in[0].reshaped(flattenedShape(n, in[0].shape()))}; }},
    {"", "Squeeze", 1, inferSqueeze,
     [](const Node& n, Inputs in) -> Outputs {
         return {in[0].reshaped(squeezedShape(n, in[0].shape(), integersOf(n, in, "axes", 1)))};
     }},
    {"", "Unsqueeze", 1, inferUnsqueeze,
     [](const Node& n, Inputs in) -> Outputs {
         return {in[0].reshaped(unsqueezedShape(n, in[0].shape(), integersOf(n, in, "axes", 1)))};
     }},
    {"", "Cast", 6, inferCast,
     [](const Node& n, Inputs in) -> Outputs {
         return {castTo(in[0], dataTypeOfCode(n, n.integer("to", 0)))};
     }},
    {"", "BitCast", 26, inferBitCast, evaluateBitCast},
    {"", "CastLike", 15, inferCastLike,
     [](const Node&, Inputs in) -> Outputs { return {castTo(in[0], in[1].type())}; }},
};

} // namespace

std::span<const OperatorDefinition> shapeOperators() { return kShapeOperators; }

} // namespace core::ops
