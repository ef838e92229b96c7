#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kernels {

float apply(const Activation& activation, float x)
{
    const auto real = static_cast<double>(x);
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
    case Activation::Kind::Tanh:
        return static_cast<float>(std::tanh(real));
    case Activation::Kind::Exp:
        return static_cast<float>(std::exp(real));
    case Activation::Kind::Sqrt:
        return std::sqrt(x);
    case Activation::Kind::Abs:
        return std::fabs(x);
    case Activation::Kind::Elu:
        return x < 0.0f ? static_cast<float>(static_cast<double>(activation.alpha) * std::expm1(real)) : x;
    case Activation::Kind::Gelu:
        return static_cast<float>(0.5 * real * (1.0 + std::erf(real / std::numbers::sqrt2)));
    }
    return x;
}

bool hasKernel(Activation::Kind kind) { return kind < Activation::Kind::Tanh; }

bool isAppliedToCodes(Activation::Kind kind) { return kind < Activation::Kind::HardSwish; }

} // namespace kernels
