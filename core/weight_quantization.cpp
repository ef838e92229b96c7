#include "core/weight_quantization.h"

#include "core/fold_constants.h"
#include "kernels/quantize.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

constexpr double kMostBias = 1073741824.0; // 2^30: half of int32, so that sums with the products stay inside
constexpr int kHighest = 127;

/// Element i of the weights belongs to output channel channelOf(i).
class ChannelOf
{
public:
    ChannelOf(const Node& node, const Tensor& weights)
        : m_channels(outputChannels(node, weights))
    {
        const Shape strides = rowMajorStrides(weights.shape());
        const bool transposed = node.type == "ConvTranspose";
        const bool last = node.type == "MatMul" || (node.type == "Gemm" && !node.integer("transB", 0));
        m_axis = transposed ? 1 : last ? weights.rank() - 1 : 0;
        m_stride = strides[m_axis];
        m_perGroup = weights.shape()[m_axis];
        const std::int64_t groups = transposed ? node.integer("group", 1) : 1;
        m_groupStride = groups > 1 ? weights.count() / groups : weights.count();
    }
    std::size_t operator()(std::size_t i) const
    {
        const auto k = static_cast<std::int64_t>(i);
        return static_cast<std::size_t>(k / m_groupStride * m_perGroup + k / m_stride % m_perGroup);
    }
    [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(m_channels); }
    [[nodiscard]] int axis() const { return static_cast<int>(m_axis); }

private:
    std::int64_t m_channels;
    std::size_t m_axis = 0;
    std::int64_t m_stride = 1;
    std::int64_t m_perGroup = 1;
    std::int64_t m_groupStride = 1;
};

double magnitude(Range range)
{
    return std::max(std::fabs(range.min), std::fabs(range.max));
}

float usableScale(double scale)
{
    return std::max(static_cast<float>(scale), kSmallestScale);
}

/// Values of each channel, or all values as one.
std::vector<std::vector<float>> grouped(std::span<const float> weights, const ChannelOf& channelOf, bool perChannel)
{
    std::vector<std::vector<float>> groups(perChannel ? channelOf.channels() : 1);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        groups[perChannel ? channelOf(i) : 0].push_back(weights[i]);
    }
    return groups;
}

Range thresholdOf(std::span<const float> values, const CalibrationMethod& method)
{
    const TensorStatistics statistics = statisticsOf(values, {});
    return calibrate(statistics, method, {Scheme::Symmetric, 8});
}

WeightError errorOf(std::span<const float> weights, const QuantizedWeights& quantized, const ChannelOf& channelOf)
{
    std::vector<double> error(channelOf.channels(), 0.0);
    std::vector<double> signal(channelOf.channels(), 0.0);
    const bool perChannel = quantized.params.isPerChannel();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t c = channelOf(i);
        const double w = weights[i];
        const double d = w - static_cast<double>(quantized.params.scale[perChannel ? c : 0]) * quantized.codes[i];
        error[c] += d * d;
        signal[c] += w * w;
    }
    WeightError result;
    double totalError = 0.0;
    double totalSignal = 0.0;
    double worst = -1.0;
    std::vector<double> ratios;
    for (std::size_t c = 0; c < error.size(); ++c) {
        totalError += error[c];
        totalSignal += signal[c];
        if (signal[c] > 0.0) {
            ratios.push_back(std::sqrt(error[c] / signal[c]));
            if (ratios.back() > worst) {
                worst = ratios.back();
                result.worstChannel = static_cast<int>(c);
            }
        }
    }
    if (totalSignal > 0.0) {
        result.relativeL2 = std::sqrt(totalError / totalSignal);
    }
    if (!ratios.empty()) {
        const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
        std::nth_element(ratios.begin(), middle, ratios.end());
        result.medianChannelRelativeL2 = *middle;
    }
    result.channelsLimitedByBias = quantized.channelsLimitedByBias;
    return result;
}

} // namespace

std::shared_ptr<const QuantizedWeights> quantizeWeights(const Operator& op, const WeightSettings& settings,
                                                        const QuantizationParams& src)
{
    const Tensor& weights = *op.constants[1];
    const auto values = weights.as<float>();
    const ChannelOf channelOf(op.node, weights);
    const bool perChannel = settings.granularity->kind == Granularity::Kind::PerChannel;
    std::vector<float> bias;
    if (op.constants.size() > 2 && op.constants[2]) {
        const auto given = op.constants[2]->as<float>();
        bias.resize(channelOf.channels());
        for (std::size_t c = 0; c < bias.size(); ++c) {
            bias[c] = given.size() == 1 ? given[0] : given[c];
        }
    }

    auto result = std::make_shared<QuantizedWeights>();
    result->method = toString(*settings.method);
    result->granularity = toString(*settings.granularity);
    result->params.type = DataType::Int8;
    result->params.codes = {-kHighest, kHighest};
    if (perChannel) {
        result->params.axis = channelOf.axis();
    }
    double largestBias = 0.0;
    for (const float b : bias) {
        largestBias = std::max(largestBias, static_cast<double>(std::fabs(b)));
    }
    std::size_t index = 0;
    for (const auto& group : grouped(values, channelOf, perChannel)) {
        const Range range = thresholdOf(group, *settings.method);
        const double fromWeights = magnitude(range) / kHighest;
        const double b = bias.empty() ? 0.0 : perChannel ? std::fabs(bias[index]) : largestBias;
        const double fromBias = b / (kMostBias * src.scale[0]);
        result->channelsLimitedByBias += fromBias > fromWeights ? 1 : 0;
        result->threshold.push_back(range);
        result->params.scale.push_back(usableScale(std::max(fromWeights, fromBias)));
        result->params.zeroPoint.push_back(0);
        ++index;
    }

    result->codes.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float scale = result->params.scale[perChannel ? channelOf(i) : 0];
        const float code = std::nearbyint(values[i] / scale);
        result->codes[i] = static_cast<std::int8_t>(std::clamp(code, -127.0f, 127.0f));
    }
    result->bias.resize(bias.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
        const double scale = static_cast<double>(src.scale[0]) * result->params.scale[perChannel ? c : 0];
        result->bias[c] = static_cast<std::int32_t>(std::clamp(std::nearbyint(bias[c] / scale), -2147483647.0, 2147483647.0));
    }
    result->error = errorOf(values, *result, channelOf);
    return result;
}

std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand, const WeightSettings& settings)
{
    const auto values = operand.as<float>();
    auto result = std::make_shared<QuantizedWeights>();
    result->method = toString(*settings.method);
    result->granularity = "per-tensor";
    result->params.type = DataType::Int8;
    result->params.codes = {-kHighest, kHighest};
    result->threshold = {thresholdOf(values, *settings.method)};
    result->params.scale = {usableScale(magnitude(result->threshold[0]) / kHighest)};
    result->params.zeroPoint = {0};
    double error = 0.0;
    double signal = 0.0;
    result->codes.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float code = std::clamp(std::nearbyint(values[i] / result->params.scale[0]), -127.0f, 127.0f);
        result->codes[i] = static_cast<std::int8_t>(code);
        const double d = values[i] - static_cast<double>(result->params.scale[0]) * code;
        error += d * d;
        signal += static_cast<double>(values[i]) * values[i];
    }
    if (signal > 0.0) {
        result->error.relativeL2 = std::sqrt(error / signal);
    }
    return result;
}

} // namespace core
