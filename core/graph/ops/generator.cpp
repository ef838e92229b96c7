#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

constexpr std::uint64_t kMostRange = 1'000'000'000'000;

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

/// Exact, where differences do not fit either.
std::int64_t integerRangeCount(const Node& node, std::int64_t start, std::int64_t limit, std::int64_t step)
{
    if (step == 0) {
        fail(node, "a range with step 0 does not end", ErrorKind::InvalidModel);
    }
    if (step > 0 ? start >= limit : start <= limit) {
        return 0;
    }
    const auto low = static_cast<std::uint64_t>(step > 0 ? start : limit);
    const auto high = static_cast<std::uint64_t>(step > 0 ? limit : start);
    const std::uint64_t pace =
        step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
    const std::uint64_t count = (high - low - 1) / pace + 1;
    if (count > kMostRange) {
        fail(node, fmt::format("a range of {} numbers", count), ErrorKind::OutOfBudget);
    }
    return static_cast<std::int64_t>(count);
}

std::int64_t rangeCount(const Node& node, const Tensor& start, const Tensor& limit, const Tensor& delta)
{
    if (!isFloatingPoint(start.type())) {
        return integerRangeCount(node, firstInteger(node, start), firstInteger(node, limit),
                                 firstInteger(node, delta));
    }
    const double step = firstNumber(node, delta);
    const double count = std::ceil((firstNumber(node, limit) - firstNumber(node, start)) / step);
    if (!(count < 1e12)) {
        fail(node, fmt::format("a range with step {} does not end", step), ErrorKind::InvalidModel);
    }
    return count > 0.0 ? static_cast<std::int64_t>(count) : 0;
}

std::vector<ValueInfo> inferRange(const InferContext& c)
{
    requireInputs(c, 3);
    requireType(c, 1, c.inputs[0].type);
    requireType(c, 2, c.inputs[0].type);
    std::int64_t count = kDynamic;
    if (c.constants[0] && c.constants[1] && c.constants[2]) {
        count = rangeCount(c.node, *c.constants[0], *c.constants[1], *c.constants[2]);
    }
    return {{c.inputs[0].type, {count}}};
}

Outputs evaluateRange(const Node& node, Inputs in)
{
    const std::int64_t count = rangeCount(node, in[0], in[1], in[2]);
    TensorBuilder builder(in[0].type(), {count});
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        if (count == 0) {
            return;
        }
        const auto start = widened(in[0].as<T>()[0]);
        const auto delta = widened(in[2].as<T>()[0]);
        for (std::int64_t i = 0; i < count; ++i) {
            T& to = builder.as<T>()[static_cast<std::size_t>(i)];
            if constexpr (std::is_integral_v<T>) { // the sum fits, the product need not
                to = static_cast<T>(static_cast<std::uint64_t>(start)
                                    + static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(delta));
            } else {
                to = narrowed<T>(start + static_cast<decltype(start)>(i) * delta);
            }
        }
    });
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferEyeLike(const InferContext& c)
{
    requireInputs(c, 1);
    if (c.inputs[0].shape.size() != 2) {
        fail(c.node, fmt::format("src {} is no matrix", toString(c.inputs[0].shape)));
    }
    const std::int64_t code = c.node.integer("dtype", 0);
    return {{code == 0 ? c.inputs[0].type : dataTypeOfCode(c.node, code), c.inputs[0].shape}};
}

Outputs evaluateEyeLike(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const std::int64_t k = std::clamp(node.integer("k", 0), -shape[0], shape[1]); // beyond there is nothing
    const std::int64_t code = node.integer("dtype", 0);
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    for (std::int64_t row = 0; row < shape[0]; ++row) {
        if (row + k >= 0 && row + k < shape[1]) {
            values[static_cast<std::size_t>(row * shape[1] + row + k)] = 1.0f;
        }
    }
    return {castTo(makeTensor<float>(shape, values), code == 0 ? in[0].type() : dataTypeOfCode(node, code))};
}

std::size_t oneHotAxis(const Node& node, const Shape& indices)
{
    return static_cast<std::size_t>(normalizedAxis(node.integer("axis", -1), indices.size() + 1));
}

std::vector<ValueInfo> inferOneHot(const InferContext& c)
{
    requireInputs(c, 3);
    if (c.inputs[2].shape != Shape{2}) {
        fail(c.node, fmt::format("values are {}, they must be off and on", toString(c.inputs[2].shape)));
    }
    Shape shape = c.inputs[0].shape;
    const std::int64_t depth = c.constants[1] ? firstInteger(c.node, *c.constants[1]) : kDynamic;
    if (c.constants[1] && depth < 0) {
        fail(c.node, fmt::format("a depth of {}", depth), ErrorKind::InvalidModel);
    }
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(oneHotAxis(c.node, c.inputs[0].shape)), depth);
    return {{c.inputs[2].type, shape}};
}

/// values = {off, on}; an index outside [−depth, depth) leaves its whole row off.
Outputs evaluateOneHot(const Node& node, Inputs in)
{
    const auto indices = core::integersOf(in[0]);
    const std::int64_t depth = firstInteger(node, in[1]);
    const std::size_t axis = oneHotAxis(node, in[0].shape());
    Shape shape = in[0].shape();
    const std::int64_t inner = extent(shape, axis, shape.size());
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
    TensorBuilder builder(in[2].type(), shape);
    visitSize(in[2].type(), [&]<typename U>(std::type_identity<U>) {
        const auto choice = bitsOf<U>(in[2]);
        const auto dst = bitsOf<U>(builder);
        std::ranges::fill(dst, choice[0]);
        for (std::int64_t i = 0; i < std::ssize(indices); ++i) {
            const std::int64_t index = indices[static_cast<std::size_t>(i)];
            if (index >= -depth && index < depth) {
                const std::int64_t at = index < 0 ? index + depth : index;
                dst[static_cast<std::size_t>((i / inner * depth + at) * inner + i % inner)] = choice[1];
            }
        }
    });
    return {std::move(builder).finish()};
}

[[noreturn]] std::vector<ValueInfo> refuseRandom(const InferContext& c)
{
    fail(c.node, "it draws random numbers, so that two runs could not be compared",
         ErrorKind::UnsupportedOperator);
}

[[noreturn]] Outputs refuseRandomRun(const Node& node, Inputs)
{
    fail(node, "it draws random numbers, so that two runs could not be compared",
         ErrorKind::UnsupportedOperator);
}

constexpr OperatorDefinition kGeneratorOperators[] = {
    {"", "Constant", 1, inferConstant, [](const Node& n, Inputs) -> Outputs { return {constantOf(n)}; }},
    {"", "ConstantOfShape", 9, inferConstantOfShape,
     [](const Node& n, Inputs in) -> Outputs { return {filled(fillValue(n), core::integersOf(in[0]))}; }},
    {"", "Range", 11, inferRange, evaluateRange},
    {"", "EyeLike", 9, inferEyeLike, evaluateEyeLike},
    {"", "OneHot", 9, inferOneHot, evaluateOneHot},
    {"", "Bernoulli", 15, refuseRandom, refuseRandomRun},
    {"", "Multinomial", 7, refuseRandom, refuseRandomRun},
    {"", "RandomNormal", 1, refuseRandom, refuseRandomRun},
    {"", "RandomNormalLike", 1, refuseRandom, refuseRandomRun},
    {"", "RandomUniform", 1, refuseRandom, refuseRandomRun},
    {"", "RandomUniformLike", 1, refuseRandom, refuseRandomRun},
};

} // namespace

std::span<const OperatorDefinition> generatorOperators() { return kGeneratorOperators; }

} // namespace core::ops
