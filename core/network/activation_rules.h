#pragma once

#include "core/network/operator_graph.h"
#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace core {

// What analyses know of the activations that kernels compute: one case per activation in each function.

struct Interval;

/// What an operator can do to its result itself, where `node` does it to the value `from`.
[[nodiscard]] std::optional<kernels::Activation> activationOf(const Graph& graph, const Node& node,
                                                              ValueId from);
/// The activation that the operator is by itself. None where it is none, or its bounds are not constant.
[[nodiscard]] std::optional<kernels::Activation> activationOf(const Operator& op);

/// Whether it commutes with a factor above 0.
[[nodiscard]] bool isHomogeneous(const kernels::Activation& activation);

/// Where it takes what lies in an interval.
[[nodiscard]] Interval imageOf(const kernels::Activation& activation, Interval x);

/// The derivative of Gelu where it gave y and rises (x ≥ −0.75): x by Newton's method.
[[nodiscard]] float geluSlopeAt(float y);

/// Its derivative where it gave y; of those that fall somewhere (HardSwish, Gelu, Abs), on their rising part.
[[nodiscard]] inline float slopeAt(const kernels::Activation& activation, float y)
{
    using Kind = kernels::Activation::Kind;
    switch (activation.kind) {
    case Kind::None:
        return 1.0f;
    case Kind::Relu:
        return y > 0.0f ? 1.0f : 0.0f;
    case Kind::Clip:
        return y > activation.alpha && y < activation.beta ? 1.0f : 0.0f;
    case Kind::LeakyRelu:
        return y > 0.0f ? 1.0f : activation.alpha;
    case Kind::Sigmoid:
        return y * (1.0f - y);
    case Kind::HardSwish: {
        const float root = std::sqrt(std::max(9.0f + 24.0f * y, 0.0f)); // y = x·(x + 3)/6: root = 2x + 3
        return y >= 3.0f ? 1.0f : root / 6.0f;
    }
    case Kind::Tanh:
        return 1.0f - y * y;
    case Kind::Exp:
        return y;
    case Kind::Sqrt:
        return y > 0.0f ? 0.5f / y : 0.0f;
    case Kind::Elu:
        return y > 0.0f ? 1.0f : y + activation.alpha;
    case Kind::Gelu:
        return geluSlopeAt(y);
    case Kind::Abs:
        return 1.0f;
    }
    return 1.0f;
}

} // namespace core
