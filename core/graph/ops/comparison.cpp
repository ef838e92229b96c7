#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

std::vector<ValueInfo> inferBinaryTest(const InferContext& c)
{
    return {{DataType::Bool, inferBinary(c)[0].shape}};
}

template <typename T, typename F>
void testEach(const Tensor& a, const Tensor& b, std::span<bool> dst, F f)
{
    const auto x = a.as<T>();
    const auto y = b.as<T>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = f(widened(x[i]), widened(y[i]));
    }
}

/// dst[i] = f(a[i], b[i]) after broadcasting, for numbers and bools.
template <typename F>
Outputs tested(Inputs in, F f)
{
    const Shape shape = broadcastOf(in);
    const Tensor a = broadcastTo(in[0], shape);
    const Tensor b = broadcastTo(in[1], shape);
    TensorBuilder builder(DataType::Bool, shape);
    if (a.type() == DataType::Bool) {
        testEach<bool>(a, b, builder.as<bool>(), f);
    } else {
        visitNumber(a.type(),
                    [&]<typename T>(std::type_identity<T>) { testEach<T>(a, b, builder.as<bool>(), f); });
    }
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferWhere(const InferContext& c)
{
    requireInputs(c, 3);
    if (c.inputs[0].type != DataType::Bool || c.inputs[1].type != c.inputs[2].type) {
        fail(c.node,
             fmt::format("chooses between {} and {} by {}", nameOf(c.inputs[1].type),
                         nameOf(c.inputs[2].type), nameOf(c.inputs[0].type)),
             ErrorKind::InvalidModel);
    }
    return {{c.inputs[1].type, broadcastOf(c)}};
}

Outputs evaluateWhere(const Node&, Inputs in)
{
    const Shape shape = broadcastOf(in);
    const Tensor condition = broadcastTo(in[0], shape);
    const Tensor a = broadcastTo(in[1], shape);
    const Tensor b = broadcastTo(in[2], shape);
    TensorBuilder builder(a.type(), shape);
    visitSize(a.type(), [&]<typename U>(std::type_identity<U>) {
        const auto choose = condition.as<bool>();
        const auto x = bitsOf<U>(a);
        const auto y = bitsOf<U>(b);
        const auto dst = bitsOf<U>(builder);
        for (std::size_t i = 0; i < dst.size(); ++i) {
            dst[i] = choose[i] ? x[i] : y[i];
        }
    });
    return {std::move(builder).finish()};
}

constexpr OperatorDefinition kComparisonOperators[] = {
    {"", "Equal", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a == b; }); }},
    {"", "Greater", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a > b; }); }},
    {"", "Less", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a < b; }); }},
    {"", "GreaterOrEqual", 12, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a >= b; }); }},
    {"", "LessOrEqual", 12, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a <= b; }); }},
    {"", "And", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a && b; }); }},
    {"", "Or", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return a || b; }); }},
    {"", "Xor", 7, inferBinaryTest,
     [](const Node&, Inputs in) { return tested(in, [](auto a, auto b) { return !a != !b; }); }},
    {"", "Where", 9, inferWhere, evaluateWhere},
};

} // namespace

std::span<const OperatorDefinition> comparisonOperators() { return kComparisonOperators; }

} // namespace core::ops
