#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <cmath>

namespace kernels {

float apply(const Activation& activation, float x)
{
    switch (activation.kind) {
    case Activation::Kind::None:
        return x;
    case Activation::Kind::Relu:
        return std::max(x, 0.0f);
    case Activation::Kind::Clip:
        return std::min(std::max(x, activation.alpha), activation.beta);
    case Activation::Kind::LeakyRelu:
        return x < 0.0f ? activation.alpha * x : x;
    case Activation::Kind::HardSwish:
        return x * std::max(0.0f, std::min(1.0f, x / 6.0f + 0.5f));
    case Activation::Kind::Sigmoid:
        return 1.0f / (1.0f + std::exp(-x));
    }
    return x;
}

} // namespace kernels
