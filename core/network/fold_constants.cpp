#include "core/network/fold_constants.h"

#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"

#include <cmath>

namespace core {

namespace {

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
    const std::int64_t groups = isTransposedConvolution(anchor.type) ? convolutionGroups(anchor) : 1;
    return weights.shape()[weightAxes(anchor, weights.rank()).result] * groups;
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
    const WeightLayout layout(anchor, constants.weights);
    TensorBuilder folded(DataType::Float32, constants.weights.shape());
    const auto src = constants.weights.as<float>();
    const auto dst = folded.as<float>();
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<float>(alpha[layout.channelOf(i)] * src[i]);
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
