#include "core/network/activation_rules.h"

#include "core/graph/operator_traits.h"
#include "core/network/channel_intervals.h"
#include "core/network/fold_rules.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

template <typename ConstantAt>
std::optional<kernels::Activation> clip(const Node& node, ConstantAt constantAt)
{
    const auto bound = [&](std::size_t input, std::string_view key, float fallback) -> std::optional<float> {
        if (node.hasInput(input)) {
            const Tensor* tensor = constantAt(input);
            return tensor && tensor->type() == DataType::Float32 ? std::optional(tensor->as<float>()[0])
                                                                 : std::nullopt;
        }
        return node.real(key, fallback);
    };
    const auto low = bound(1, "min", std::numeric_limits<float>::lowest());
    const auto high = bound(2, "max", std::numeric_limits<float>::max());
    if (!low || !high) {
        return std::nullopt;
    }
    return kernels::Activation{Kind::Clip, *low, *high};
}

template <typename ConstantAt>
std::optional<kernels::Activation> activation(const Node& node, ConstantAt constantAt)
{
    const Kind known = traitsOf(node.type).activation;
    const Kind kind = node.domain.empty() || known == Kind::Gelu ? known : Kind::None;
    switch (kind) {
    case Kind::None:
        return std::nullopt;
    case Kind::LeakyRelu:
        return kernels::Activation{kind, node.real("alpha", 0.01f)};
    case Kind::Clip:
        return clip(node, constantAt);
    case Kind::Elu: {
        const kernels::Activation elu{kind, node.real("alpha", 1.0f)};
        return elu.alpha >= 0.0f ? std::optional(elu) : std::nullopt; // else it has no rising inverse
    }
    case Kind::Gelu:
        return node.text("approximate", "none") == "none" ? std::optional(kernels::Activation{kind})
                                                          : std::nullopt;
    case Kind::Relu:
    case Kind::HardSwish:
    case Kind::Sigmoid:
    case Kind::Tanh:
    case Kind::Exp:
    case Kind::Sqrt:
    case Kind::Abs:
        break;
    }
    return kernels::Activation{kind};
}

} // namespace

std::optional<kernels::Activation> activationOf(const Graph& graph, const Node& node, ValueId from)
{
    if (node.inputs.empty() || node.inputs[0] != from) {
        return std::nullopt;
    }
    return activation(node, [&](std::size_t i) { return constantOf(graph, node.inputs[i]); });
}

std::optional<kernels::Activation> activationOf(const Operator& op)
{
    return activation(op.node, [&](std::size_t i) -> const Tensor* {
        return i < op.constants.size() && op.constants[i] ? &*op.constants[i] : nullptr;
    });
}

bool isHomogeneous(const kernels::Activation& activation)
{
    switch (activation.kind) {
    case Kind::None:
    case Kind::Relu:
    case Kind::Abs:
        return true;
    case Kind::LeakyRelu:
        return activation.alpha >= 0.0f;
    case Kind::Clip:
        return activation.alpha == 0.0f || activation.alpha <= std::numeric_limits<float>::lowest();
    case Kind::HardSwish:
    case Kind::Sigmoid:
    case Kind::Tanh:
    case Kind::Exp:
    case Kind::Sqrt:
    case Kind::Elu:
    case Kind::Gelu:
        break;
    }
    return false;
}

// Most rise; of the others their codomain is enough.
Interval imageOf(const kernels::Activation& activation, Interval x)
{
    switch (activation.kind) {
    case Kind::None:
        return x;
    case Kind::Relu:
        return {std::max(x.low, 0.0), std::max(x.high, 0.0)};
    case Kind::Clip:
        return {std::clamp<double>(x.low, activation.alpha, activation.beta),
                std::clamp<double>(x.high, activation.alpha, activation.beta)};
    case Kind::LeakyRelu: {
        const auto f = [&](double v) { return v < 0.0 ? activation.alpha * v : v; };
        return activation.alpha >= 0.0f ? Interval{f(x.low), f(x.high)} : Interval{};
    }
    case Kind::HardSwish:
        return {-0.375, std::max(x.high, 0.0)};
    case Kind::Sigmoid:
        return {0.0, 1.0};
    case Kind::Tanh:
        return {std::tanh(x.low), std::tanh(x.high)};
    case Kind::Exp:
        return {std::exp(x.low), std::exp(x.high)};
    case Kind::Sqrt:
        return {std::sqrt(std::max(x.low, 0.0)), std::sqrt(std::max(x.high, 0.0))};
    case Kind::Abs: {
        const double low = std::fabs(x.low);
        const double high = std::fabs(x.high);
        return {x.low < 0.0 && x.high > 0.0 ? 0.0 : std::min(low, high), std::max(low, high)};
    }
    case Kind::Elu: {
        const auto f = [&](double v) { return v < 0.0 ? activation.alpha * std::expm1(v) : v; };
        return {f(x.low), f(x.high)};
    }
    case Kind::Gelu:
        return {-0.17, std::max(x.high, 0.0)};
    }
    return {};
}

float geluSlopeAt(float y)
{
    constexpr double kLowest = -0.7517915; // where Gelu turns
    const auto bell = [](double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); };
    const auto below = [](double x) { return 0.5 * (1.0 + std::erf(x / std::numbers::sqrt2)); };
    double x = y > 0.0f ? std::max<double>(y, 0.5) : 0.0;
    for (int i = 0; i < 8; ++i) {
        const double slope = below(x) + x * bell(x);
        x = std::max(x - (x * below(x) - static_cast<double>(y)) / std::max(slope, 0.05), kLowest);
    }
    return static_cast<float>(below(x) + x * bell(x));
}

} // namespace core
