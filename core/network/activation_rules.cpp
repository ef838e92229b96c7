#include "core/network/activation_rules.h"

#include "core/graph/operator_traits.h"
#include "core/network/channel_intervals.h"
#include "core/network/fold_rules.h"

#include <limits>

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
    const Kind kind = node.domain.empty() ? traitsOf(node.type).activation : Kind::None;
    switch (kind) {
    case Kind::None:
        return std::nullopt;
    case Kind::LeakyRelu:
        return kernels::Activation{kind, node.real("alpha", 0.01f)};
    case Kind::Clip:
        return clip(node, constantAt);
    case Kind::Relu:
    case Kind::HardSwish:
    case Kind::Sigmoid:
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
        return true;
    case Kind::LeakyRelu:
        return activation.alpha >= 0.0f;
    case Kind::Clip:
        return activation.alpha == 0.0f || activation.alpha <= std::numeric_limits<float>::lowest();
    case Kind::HardSwish:
    case Kind::Sigmoid:
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
    }
    return {};
}

} // namespace core
