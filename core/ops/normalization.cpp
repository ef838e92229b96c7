#include "core/ops/definitions.h"
#include "core/ops/infer.h"
#include "core/ops/strided.h"

#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

std::vector<ValueInfo> inferBatchNormalization(const InferContext& c)
{
    requireInputs(c, 5);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    const std::int64_t channels = src.shape.size() > 1 ? src.shape[1] : 1;
    for (std::size_t i = 1; i < 5; ++i) {
        if (c.inputs[i].shape != Shape{channels}) {
            fail(c.node,
                 fmt::format("parameter {} has shape {}, src has {} channels", i, toString(c.inputs[i].shape),
                             channels));
        }
    }
    std::vector<ValueInfo> result{src};
    for (std::size_t i = 1; i < c.node.outputs.size(); ++i) {
        result.push_back(c.inputs[i < 3 ? i + 2 : i]); // running (then saved) mean and variance
    }
    return result;
}

/// dst = scale · (src − mean) / sqrt(variance + epsilon) + bias. In training mode mean and variance are the
/// batch's, and the running ones move: running · momentum + batch · (1 − momentum).
Outputs evaluateBatchNormalization(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto channels = static_cast<std::size_t>(shape.size() > 1 ? shape[1] : 1);
    const auto inner = static_cast<std::size_t>(shape.size() > 2 ? extent(shape, 2, shape.size()) : 1);
    auto values = doublesOf(in[0]);
    const auto scale = doublesOf(in[1]);
    const auto bias = doublesOf(in[2]);
    auto mean = doublesOf(in[3]);
    auto variance = doublesOf(in[4]);
    const double epsilon = node.real("epsilon", 1e-5f);
    const bool isTraining = node.version >= 14 && node.integer("training_mode", 0) != 0;
    Outputs running;
    if (isTraining) {
        const auto oldMean = mean;
        const auto oldVariance = variance;
        const double perChannel = static_cast<double>(values.size()) / static_cast<double>(channels);
        mean.assign(channels, 0.0);
        variance.assign(channels, 0.0);
        for (std::size_t i = 0; i < values.size(); ++i) {
            mean[i / inner % channels] += values[i] / perChannel;
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t c = i / inner % channels;
            variance[c] += (values[i] - mean[c]) * (values[i] - mean[c]) / perChannel;
        }
        const double momentum = node.real("momentum", 0.9f);
        auto nextMean = mean;
        auto nextVariance = variance;
        for (std::size_t c = 0; c < channels; ++c) {
            nextMean[c] = oldMean[c] * momentum + mean[c] * (1.0 - momentum);
            nextVariance[c] = oldVariance[c] * momentum + variance[c] * (1.0 - momentum);
        }
        running = {castTo(makeTensor<double>(in[3].shape(), nextMean), in[3].type()),
                   castTo(makeTensor<double>(in[4].shape(), nextVariance), in[4].type())};
    } else if (node.outputs.size() > 1) {
        running = {in[3], in[4], in[3], in[4]};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t c = i / inner % channels;
        values[i] = scale[c] * (values[i] - mean[c]) / std::sqrt(variance[c] + epsilon) + bias[c];
    }
    Outputs result{castTo(makeTensor<double>(shape, values), in[0].type())};
    result.insert(result.end(), running.begin(), running.end());
    return result;
}

constexpr OperatorDefinition kDefinitions[] = {
    {"", "BatchNormalization", 7, inferBatchNormalization, evaluateBatchNormalization},
};

} // namespace

std::span<const OperatorDefinition> normalizationOperators() { return kDefinitions; }

} // namespace core::ops
