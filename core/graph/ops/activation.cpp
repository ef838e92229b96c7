#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numbers>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

double gelu(double x, bool isTanh)
{
    if (isTanh) {
        return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    }
    return 0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2));
}

Outputs evaluateRelu(const Node&, Inputs in)
{
    TensorBuilder builder(in[0].type(), in[0].shape());
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        const auto src = in[0].as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < src.size(); ++i) {
            dst[i] = widened(src[i]) < 0 ? T{} : src[i]; // a NaN stays
        }
    });
    return {std::move(builder).finish()};
}

/// The scalar of input i, or the limit of the type when it is left out.
template <typename T>
auto bound(const Node& node, Inputs in, std::size_t i, std::string_view attribute,
           decltype(widened(T{})) fallback)
{
    using Wide = decltype(widened(T{}));
    if (node.find(attribute)) {
        return static_cast<Wide>(node.real(attribute, 0.0f));
    }
    if (!hasInput(in, i)) {
        return fallback;
    }
    if (in[i].type() != in[0].type() || in[i].count() != 1) {
        fail(node, fmt::format("{} must be one element of src's type", attribute), ErrorKind::InvalidModel);
    }
    return widened(in[i].as<T>()[0]);
}

Outputs evaluateClip(const Node& node, Inputs in)
{
    TensorBuilder builder(in[0].type(), in[0].shape());
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        using Wide = decltype(widened(T{}));
        const Wide low = bound<T>(node, in, 1, "min", std::numeric_limits<Wide>::lowest());
        const Wide high = bound<T>(node, in, 2, "max", std::numeric_limits<Wide>::max());
        const auto src = in[0].as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < src.size(); ++i) {
            const Wide x = widened(src[i]);
            const Wide raised = x < low ? low : x; // max of ONNX wins where min > max
            dst[i] = narrowed<T>(high < raised ? high : raised);
        }
    });
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferPRelu(const InferContext& c)
{
    requireInputs(c, 2);
    requireType(c, 1, c.inputs[0].type);
    const Shape& src = c.inputs[0].shape;
    if (broadcastShapes(src, c.inputs[1].shape) != src) {
        fail(
            c.node,
            fmt::format("slope {} does not broadcast to src {}", toString(c.inputs[1].shape), toString(src)));
    }
    return {c.inputs[0]};
}

Outputs evaluatePRelu(const Node&, Inputs in)
{
    const Tensor slopes = broadcastTo(in[1], in[0].shape());
    TensorBuilder builder(in[0].type(), in[0].shape());
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        const auto src = in[0].as<T>();
        const auto slope = slopes.as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < src.size(); ++i) {
            dst[i] = widened(src[i]) < 0 ? narrowed<T>(widened(src[i]) * widened(slope[i])) : src[i];
        }
    });
    return {std::move(builder).finish()};
}

constexpr OperatorDefinition kActivationOperators[] = {
    {"", "Relu", 1, inferSame, evaluateRelu},
    {"", "Clip", 1, inferSame, evaluateClip},
    {"", "PRelu", 7, inferPRelu, evaluatePRelu},
    {"", "LeakyRelu", 1, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 0.01f);
         return {mapReal(in[0], [=](double x) { return x < 0 ? alpha * x : x; })};
     }},
    {"", "ThresholdedRelu", 10, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 1.0f);
         return {mapReal(in[0], [=](double x) { return x > alpha ? x : 0.0; })};
     }},
    {"", "Elu", 1, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 1.0f);
         return {mapReal(in[0], [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; })};
     }},
    {"", "Celu", 12, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 1.0f);
         return {mapReal(in[0], [=](double x) {
             return std::isnan(x) ? x : std::max(0.0, x) + std::min(0.0, alpha * std::expm1(x / alpha));
         })};
     }},
    {"", "Selu", 1, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 1.67326319217681884765625f);
         const double gamma = node.real("gamma", 1.05070102214813232421875f);
         return {mapReal(in[0], [=](double x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); })};
     }},
    {"", "Sigmoid", 1, inferSame,
     [](const Node&, Inputs in) -> Outputs { return {mapReal(in[0], sigmoid)}; }},
    {"", "HardSigmoid", 1, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 0.2f);
         const double beta = node.real("beta", 0.5f);
         return {mapReal(in[0], [=](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); })};
     }},
    {"", "HardSwish", 14, inferSame,
     [](const Node&, Inputs in) -> Outputs {
         return {mapReal(in[0], [](double x) { return x * std::clamp(x / 6.0 + 0.5, 0.0, 1.0); })};
     }},
    {"", "Tanh", 1, inferSame,
     [](const Node&, Inputs in) -> Outputs {
         return {mapReal(in[0], [](double x) { return std::tanh(x); })};
     }},
    {"", "Softplus", 1, inferSame,
     [](const Node&, Inputs in) -> Outputs { return {mapReal(in[0], softplus)}; }},
    {"", "Softsign", 1, inferSame,
     [](const Node&, Inputs in) -> Outputs {
         return {mapReal(in[0], [](double x) { return x / (1.0 + std::abs(x)); })};
     }},
    {"", "Mish", 18, inferSame,
     [](const Node&, Inputs in) -> Outputs {
         return {mapReal(in[0], [](double x) { return x * std::tanh(softplus(x)); })};
     }},
    {"", "Swish", 24, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double alpha = node.real("alpha", 1.0f);
         return {mapReal(in[0], [=](double x) { return x * sigmoid(alpha * x); })};
     }},
    {"", "Gelu", 20, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const bool isTanh = node.text("approximate", "none") == "tanh";
         return {mapReal(in[0], [=](double x) { return gelu(x, isTanh); })};
     }},
    {"com.microsoft", "Gelu", 1, inferSame,
     [](const Node&, Inputs in) -> Outputs {
         return {mapReal(in[0], [](double x) { return gelu(x, false); })};
     }},
    {"", "Shrink", 9, inferSame,
     [](const Node& node, Inputs in) -> Outputs {
         const double bias = node.real("bias", 0.0f);
         const double lambda = node.real("lambd", 0.5f);
         const auto shrink = [=](double x) { return x < -lambda ? x + bias : x > lambda ? x - bias : 0.0; };
         if (isFloatingPoint(in[0].type())) {
             return {mapReal(in[0], shrink)};
         }
         return {castTo(mapReal(castTo(in[0], DataType::Float64), shrink), in[0].type())};
     }},
};

} // namespace

std::span<const OperatorDefinition> activationOperators() { return kActivationOperators; }

} // namespace core::ops
