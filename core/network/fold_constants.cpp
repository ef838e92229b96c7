#include "core/network/fold_constants.h"

#include <cmath>

namespace core {

namespace {

/// Position of the output channel among the axes of the weights.
std::size_t channelAxis(const Node& anchor, const Tensor& weights)
{
    if (anchor.type == "Conv") {
        return 0;
    }
    if (anchor.type == "ConvTranspose") {
        return 1; // I × O/g × k…: see outputChannels
    }
    if (anchor.type == "Gemm") {
        return anchor.integer("transB", 0) ? 0 : 1;
    }
    return weights.rank() - 1;
}

std::vector<float> biasOf(const LinearConstants& constants, std::int64_t channels)
{
    std::vector<float> bias(static_cast<std::size_t>(channels), 0.0f);
    if (constants.bias.isDefined()) {
        const auto values = constants.bias.as<float>();
        for (std::size_t c = 0; c < bias.size(); ++c) {
            bias[c] = values.size() == 1 ? values[0] : values[c];
        }
    }
    return bias;
}

} // namespace

std::int64_t outputChannels(const Node& anchor, const Tensor& weights)
{
    const std::int64_t groups = anchor.type == "ConvTranspose" ? anchor.integer("group", 1) : 1;
    return weights.shape()[channelAxis(anchor, weights)] * groups;
}

LinearConstants foldBatchNormalization(const Node& anchor, const LinearConstants& constants,
                                       const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                                       const Tensor& variance, float epsilon)
{
    const std::int64_t channels = outputChannels(anchor, constants.weights);
    std::vector<double> alpha(static_cast<std::size_t>(channels));
    std::vector<float> bias = biasOf(constants, channels);
    for (std::size_t c = 0; c < alpha.size(); ++c) {
        alpha[c] = gamma.as<float>()[c] / std::sqrt(static_cast<double>(variance.as<float>()[c]) + epsilon);
        bias[c] = static_cast<float>(alpha[c] * (static_cast<double>(bias[c]) - mean.as<float>()[c])
                                     + beta.as<float>()[c]);
    }
    const std::size_t axis = channelAxis(anchor, constants.weights);
    const Shape& shape = constants.weights.shape();
    const Shape strides = rowMajorStrides(shape);
    const std::int64_t perGroup = shape[axis];
    const std::int64_t groups = channels / perGroup;
    const std::int64_t inputsPerGroup = groups > 1 ? shape[0] / groups : shape[0];
    TensorBuilder folded(DataType::Float32, shape);
    const auto src = constants.weights.as<float>();
    const auto dst = folded.as<float>();
    for (std::int64_t i = 0; i < constants.weights.count(); ++i) {
        const std::int64_t group = groups > 1 ? i / strides[0] / inputsPerGroup : 0;
        const std::int64_t channel = group * perGroup + i / strides[axis] % perGroup;
        dst[static_cast<std::size_t>(i)] =
            static_cast<float>(alpha[static_cast<std::size_t>(channel)] * src[static_cast<std::size_t>(i)]);
    }
    return {std::move(folded).finish(), makeTensor<float>({channels}, bias)};
}

LinearConstants foldBias(const Node& anchor, const LinearConstants& constants, const Tensor& addend)
{
    const std::int64_t channels = outputChannels(anchor, constants.weights);
    std::vector<float> bias = biasOf(constants, channels);
    const auto values = addend.as<float>();
    for (std::size_t c = 0; c < bias.size(); ++c) {
        bias[c] += values.size() == 1 ? values[0] : values[c];
    }
    return {constants.weights, makeTensor<float>({channels}, bias)};
}

} // namespace core
