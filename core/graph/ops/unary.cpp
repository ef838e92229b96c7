#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"

#include <cmath>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// f on every number in its own type: for operators that are also defined on integers.
template <typename F>
Outputs mapNumber(const Tensor& src, F f)
{
    TensorBuilder builder(src.type(), src.shape());
    visitNumber(src.type(), [&]<typename T>(std::type_identity<T>) {
        const auto from = src.as<T>();
        const auto to = builder.as<T>();
        for (std::size_t i = 0; i < from.size(); ++i) {
            to[i] = narrowed<T>(f(widened(from[i])));
        }
    });
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferUnaryTest(const InferContext& c)
{
    requireInputs(c, 1);
    return {{DataType::Bool, c.inputs[0].shape}};
}

Outputs evaluateNot(const Node&, Inputs in)
{
    TensorBuilder builder(DataType::Bool, in[0].shape());
    const auto src = in[0].as<bool>();
    const auto dst = builder.as<bool>();
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = !src[i];
    }
    return {std::move(builder).finish()};
}

Outputs evaluateBitwiseNot(const Node&, Inputs in)
{
    TensorBuilder builder(in[0].type(), in[0].shape());
    visitInteger(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        const auto src = in[0].as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < src.size(); ++i) {
            dst[i] = static_cast<T>(~src[i]);
        }
    });
    return {std::move(builder).finish()};
}

template <double (*F)(double)>
Outputs evaluateReal(const Node&, Inputs in)
{
    return {mapReal(in[0], F)};
}

constexpr OperatorDefinition kUnaryOperators[] = {
    {"", "Abs", 1, inferSame,
     [](const Node&, Inputs in) {
         return mapNumber(in[0], [](auto x) { return x < 0 ? decltype(x)(-x) : x; });
     }},
    {"", "Neg", 1, inferSame,
     [](const Node&, Inputs in) { return mapNumber(in[0], [](auto x) { return decltype(x)(-x); }); }},
    {"", "Sign", 9, inferSame,
     [](const Node&, Inputs in) {
         // NaN has no sign, but stays NaN as ONNX Runtime and NumPy have it.
         return mapNumber(in[0], [](auto x) { return x == x ? decltype(x)((x > 0) - (x < 0)) : x; });
     }},
    {"", "Reciprocal", 1, inferSame, evaluateReal<[](double x) { return 1.0 / x; }>},
    {"", "Ceil", 1, inferSame, evaluateReal<[](double x) { return std::ceil(x); }>},
    {"", "Floor", 1, inferSame, evaluateReal<[](double x) { return std::floor(x); }>},
    {"", "Round", 11, inferSame, evaluateReal<[](double x) { return std::nearbyint(x); }>}, // half to even
    {"", "Sqrt", 1, inferSame, evaluateReal<[](double x) { return std::sqrt(x); }>},
    {"", "Exp", 1, inferSame, evaluateReal<[](double x) { return std::exp(x); }>},
    {"", "Log", 1, inferSame, evaluateReal<[](double x) { return std::log(x); }>},
    {"", "Erf", 9, inferSame, evaluateReal<[](double x) { return std::erf(x); }>},
    {"", "Sin", 7, inferSame, evaluateReal<[](double x) { return std::sin(x); }>},
    {"", "Cos", 7, inferSame, evaluateReal<[](double x) { return std::cos(x); }>},
    {"", "Tan", 7, inferSame, evaluateReal<[](double x) { return std::tan(x); }>},
    {"", "Asin", 7, inferSame, evaluateReal<[](double x) { return std::asin(x); }>},
    {"", "Acos", 7, inferSame, evaluateReal<[](double x) { return std::acos(x); }>},
    {"", "Atan", 7, inferSame, evaluateReal<[](double x) { return std::atan(x); }>},
    {"", "Sinh", 9, inferSame, evaluateReal<[](double x) { return std::sinh(x); }>},
    {"", "Cosh", 9, inferSame, evaluateReal<[](double x) { return std::cosh(x); }>},
    {"", "Asinh", 9, inferSame, evaluateReal<[](double x) { return std::asinh(x); }>},
    {"", "Acosh", 9, inferSame, evaluateReal<[](double x) { return std::acosh(x); }>},
    {"", "Atanh", 9, inferSame, evaluateReal<[](double x) { return std::atanh(x); }>},
    {"", "IsNaN", 9, inferUnaryTest,
     [](const Node&, Inputs in) -> Outputs {
         return {testReal(in[0], [](double x) { return std::isnan(x); })};
     }},
    {"", "IsInf", 10, inferUnaryTest,
     [](const Node& node, Inputs in) -> Outputs {
         const bool positive = node.integer("detect_positive", 1) != 0;
         const bool negative = node.integer("detect_negative", 1) != 0;
         return {testReal(in[0], [=](double x) { return std::isinf(x) && (x > 0 ? positive : negative); })};
     }},
    {"", "Not", 1,
     [](const InferContext& c) {
         requireType(c, 0, DataType::Bool);
         return inferSame(c);
     },
     evaluateNot},
    {"", "BitwiseNot", 18, inferSame, evaluateBitwiseNot},
};

} // namespace

std::span<const OperatorDefinition> unaryOperators() { return kUnaryOperators; }

} // namespace core::ops
