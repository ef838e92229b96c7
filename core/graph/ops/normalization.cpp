#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
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
    const bool isTraining = c.node.version >= 14 && c.node.integer("training_mode", 0) != 0;
    if (c.constants[4] && !c.isRunning && !isTraining) {
        const auto variance = doublesOf(*c.constants[4]);
        const auto bad = std::ranges::find_if(variance, [](double v) { return v < 0.0; });
        if (bad != variance.end()) {
            fail(c.node,
                 fmt::format("{}: variance {} of channel {} is negative", c.node.type, *bad,
                             bad - variance.begin()),
                 ErrorKind::InvalidModel);
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

/// Rows of `length` elements are brought to mean 0 and variance 1 (divided by the count), in place.
struct RowMoments
{
    double mean = 0.0;
    double inverseDeviation = 0.0;
};

RowMoments normalize(std::span<double> row, double epsilon)
{
    double sum = 0.0;
    for (const double x : row) {
        sum += x;
    }
    const double mean = sum / static_cast<double>(row.size());
    double squares = 0.0;
    for (const double x : row) {
        squares += (x - mean) * (x - mean);
    }
    const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(row.size()) + epsilon);
    for (double& x : row) {
        x = (x - mean) * inverse;
    }
    return {mean, inverse};
}

std::vector<ValueInfo> inferInstanceNormalization(const InferContext& c)
{
    requireInputs(c, 3);
    const ValueInfo& src = inputOfRank(c, 0, 3);
    if (c.inputs[1].shape != Shape{src.shape[1]} || c.inputs[2].shape != Shape{src.shape[1]}) {
        fail(c.node,
             fmt::format("scale {} and bias {} do not fit {} channels", toString(c.inputs[1].shape),
                         toString(c.inputs[2].shape), src.shape[1]));
    }
    return {src};
}

Outputs evaluateInstanceNormalization(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto plane = static_cast<std::size_t>(extent(shape, 2, shape.size()));
    const auto channels = static_cast<std::size_t>(shape[1]);
    auto values = doublesOf(in[0]);
    const auto scale = doublesOf(in[1]);
    const auto bias = doublesOf(in[2]);
    const double epsilon = node.real("epsilon", 1e-5f);
    for (std::size_t p = 0; plane > 0 && p < values.size() / plane; ++p) {
        const auto row = std::span(values).subspan(p * plane, plane);
        normalize(row, epsilon);
        for (double& x : row) {
            x = x * scale[p % channels] + bias[p % channels];
        }
    }
    return {castTo(makeTensor<double>(shape, values), in[0].type())};
}

std::int64_t groupsOf(const Node& node, const Shape& src)
{
    const std::int64_t groups = node.integer("num_groups", 0);
    if (groups < 1 || src[1] % groups != 0) {
        fail(node, fmt::format("{} channels do not divide into {} groups", src[1], groups));
    }
    return groups;
}

/// scale and bias: one per group in opset 18, one per channel since 21.
std::vector<ValueInfo> inferGroupNormalization(const InferContext& c)
{
    requireInputs(c, 3);
    const ValueInfo& src = inputOfRank(c, 0, 2);
    const std::int64_t groups = groupsOf(c.node, src.shape);
    const std::int64_t count = elementCount(c.inputs[1].shape);
    if ((count != groups && count != src.shape[1]) || c.inputs[2].shape != c.inputs[1].shape) {
        fail(c.node,
             fmt::format("scale {} and bias {} fit neither {} groups nor {} channels",
                         toString(c.inputs[1].shape), toString(c.inputs[2].shape), groups, src.shape[1]));
    }
    return {src};
}

Outputs evaluateGroupNormalization(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto groups = static_cast<std::size_t>(groupsOf(node, shape));
    const auto channels = static_cast<std::size_t>(shape[1]);
    const auto plane = static_cast<std::size_t>(extent(shape, 2, shape.size()));
    const std::size_t length = channels / groups * plane;
    auto values = doublesOf(in[0]);
    const auto scale = doublesOf(in[1]);
    const auto bias = doublesOf(in[2]);
    const std::size_t perParameter = scale.empty() ? 1 : channels / scale.size();
    const double epsilon = node.real("epsilon", 1e-5f);
    for (std::size_t g = 0; length > 0 && g < values.size() / length; ++g) {
        normalize(std::span(values).subspan(g * length, length), epsilon);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t p = i / plane % channels / perParameter;
        values[i] = values[i] * scale[p] + bias[p];
    }
    return {castTo(makeTensor<double>(shape, values), in[0].type())};
}

/// Everything from `axis` on is normalized together; scale and bias broadcast to src.
std::vector<ValueInfo> inferLayerNormalization(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    const auto axis = normalizedAxis(c.node.integer("axis", -1), src.shape.size());
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
        if (hasInput(c, i) && broadcastShapes(c.inputs[i].shape, src.shape) != src.shape) {
            fail(c.node,
                 fmt::format("parameter {} does not broadcast to src {}", toString(c.inputs[i].shape),
                             toString(src.shape)));
        }
    }
    ValueInfo moments{DataType::Float32, src.shape};
    std::fill(moments.shape.begin() + axis, moments.shape.end(), 1);
    return {src, moments, moments};
}

Outputs evaluateLayerNormalization(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", -1), shape.size()));
    const auto length = static_cast<std::size_t>(extent(shape, axis, shape.size()));
    auto values = doublesOf(in[0]);
    std::vector<float> means;
    std::vector<float> inverses;
    const double epsilon = node.real("epsilon", 1e-5f);
    for (std::int64_t r = 0; r < extent(shape, 0, axis); ++r) {
        const RowMoments moments =
            normalize(std::span(values).subspan(static_cast<std::size_t>(r) * length, length), epsilon);
        means.push_back(static_cast<float>(moments.mean));
        inverses.push_back(static_cast<float>(moments.inverseDeviation));
    }
    const auto scale = doublesOf(broadcastTo(in[1], shape));
    const auto bias =
        hasInput(in, 2) ? doublesOf(broadcastTo(in[2], shape)) : std::vector<double>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = values[i] * scale[i] + bias[i];
    }
    Shape reduced = shape;
    std::fill(reduced.begin() + static_cast<std::ptrdiff_t>(axis), reduced.end(), 1);
    return {castTo(makeTensor<double>(shape, values), in[0].type()), makeTensor<float>(reduced, means),
            makeTensor<float>(reduced, inverses)};
}

/// dst = src / sqrt(mean(src²) + epsilon) · scale, over everything from `axis` on.
Outputs evaluateRmsNormalization(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", -1), shape.size()));
    const auto length = static_cast<std::size_t>(extent(shape, axis, shape.size()));
    auto values = doublesOf(in[0]);
    const auto scale = doublesOf(broadcastTo(in[1], shape));
    const double epsilon = node.real("epsilon", 1e-5f);
    for (std::size_t first = 0; first < values.size(); first += length) {
        double squares = 0.0;
        for (std::size_t i = first; i < first + length; ++i) {
            squares += values[i] * values[i];
        }
        const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(length) + epsilon);
        for (std::size_t i = first; i < first + length; ++i) {
            values[i] *= inverse * scale[i];
        }
    }
    return {castTo(makeTensor<double>(shape, values), in[0].type())};
}

std::vector<ValueInfo> inferLrn(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 2);
    if (c.node.integer("size", 0) < 1) {
        fail(c.node, "size must be positive", ErrorKind::InvalidModel);
    }
    return {src};
}

/// dst = src / (bias + alpha / size · Σ src²)^beta, the sum over `size` neighbouring channels.
Outputs evaluateLrn(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const std::int64_t size = node.integer("size", 1);
    const double alpha = node.real("alpha", 1e-4f);
    const double beta = node.real("beta", 0.75f);
    const double bias = node.real("bias", 1.0f);
    const std::int64_t plane = extent(shape, 2, shape.size());
    const auto src = doublesOf(in[0]);
    std::vector<double> dst(src.size());
    for (std::int64_t i = 0; i < std::ssize(src); ++i) {
        const std::int64_t channel = i / plane % shape[1];
        const std::int64_t first = std::max<std::int64_t>(0, channel - (size - 1) / 2);
        const std::int64_t last = std::min(shape[1] - 1, channel + size / 2);
        double squares = 0.0;
        for (std::int64_t c = first; c <= last; ++c) {
            const double x = src[static_cast<std::size_t>(i + (c - channel) * plane)];
            squares += x * x;
        }
        dst[static_cast<std::size_t>(i)] = src[static_cast<std::size_t>(i)]
            / std::pow(bias + alpha / static_cast<double>(size) * squares, beta);
    }
    return {castTo(makeTensor<double>(shape, dst), in[0].type())};
}

/// Moves `axes` last, gives f each row of them, moves them back.
template <typename F>
Outputs overAxes(const Node& node, const Tensor& src, std::vector<std::int64_t> axes, F f)
{
    axes = normalizedAxes(node, std::move(axes), src.rank());
    std::vector<std::int64_t> permutation;
    std::size_t length = 1;
    for (std::int64_t a = 0; a < std::ssize(src.shape()); ++a) {
        if (std::ranges::find(axes, a) == axes.end()) {
            permutation.push_back(a);
        }
    }
    for (const std::int64_t a : axes) {
        permutation.push_back(a);
        length *= static_cast<std::size_t>(src.shape()[static_cast<std::size_t>(a)]);
    }
    const Tensor moved = transposed(src, permutation);
    auto values = doublesOf(moved);
    for (std::size_t first = 0; first < values.size(); first += length) {
        f(std::span(values).subspan(first, length));
    }
    std::vector<std::int64_t> back(permutation.size());
    for (std::size_t i = 0; i < permutation.size(); ++i) {
        back[static_cast<std::size_t>(permutation[i])] = static_cast<std::int64_t>(i);
    }
    return {castTo(transposed(makeTensor<double>(moved.shape(), values), back), src.type())};
}

Outputs evaluateMeanVarianceNormalization(const Node& node, Inputs in)
{
    return overAxes(node, in[0], node.integers("axes", {0, 2, 3}),
                    [](std::span<double> row) { normalize(row, 1e-18); });
}

Outputs evaluateLpNormalization(const Node& node, Inputs in)
{
    const std::int64_t p = node.integer("p", 2);
    return overAxes(node, in[0], {node.integer("axis", -1)}, [=](std::span<double> row) {
        double sum = 0.0;
        for (const double x : row) {
            sum += p == 1 ? std::abs(x) : x * x;
        }
        const double norm = p == 1 ? sum : std::sqrt(sum);
        for (double& x : row) {
            x = norm == 0.0 ? 0.0 : x / norm;
        }
    });
}

constexpr OperatorDefinition kNormalizationOperators[] = {
    {"", "BatchNormalization", 7, inferBatchNormalization, evaluateBatchNormalization},
    {"", "InstanceNormalization", 1, inferInstanceNormalization, evaluateInstanceNormalization},
    {"", "GroupNormalization", 18, inferGroupNormalization, evaluateGroupNormalization},
    {"", "LayerNormalization", 1, inferLayerNormalization,
     evaluateLayerNormalization}, // runtimes knew it before opset 17
    {"", "RMSNormalization", 23, inferLayerNormalization, evaluateRmsNormalization},
    {"", "LRN", 1, inferLrn, evaluateLrn},
    {"", "MeanVarianceNormalization", 9, inferSame, evaluateMeanVarianceNormalization},
    {"", "LpNormalization", 1, inferSame, evaluateLpNormalization},
};

} // namespace

std::span<const OperatorDefinition> normalizationOperators() { return kNormalizationOperators; }

} // namespace core::ops
