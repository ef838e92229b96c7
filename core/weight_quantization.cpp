#include "core/weight_quantization.h"

#include "core/fold_constants.h"
#include "core/scheme.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace core {

namespace {

constexpr double kMostBias = 1073741824.0; // 2^30: half of int32, so that sums with the products stay inside

/// Element i of the weights belongs to output channel channelOf(i), and multiplies source channel sourceOf(i) of its
/// convolution group.
class WeightLayout
{
public:
    WeightLayout(const Node& node, const Tensor& weights)
        : m_channels(outputChannels(node, weights))
        , m_convGroups(node.type == "Conv" || node.type == "ConvTranspose" ? node.integer("group", 1) : 1)
    {
        const Shape& shape = weights.shape();
        const Shape strides = rowMajorStrides(shape);
        const bool transposed = node.type == "ConvTranspose";
        const bool last = node.type == "MatMul" || (node.type == "Gemm" && !node.integer("transB", 0));
        m_axis = transposed ? 1 : last ? weights.rank() - 1 : 0;
        const std::size_t sourceAxis = transposed || last ? 0 : 1;
        m_stride = strides[m_axis];
        m_perGroup = shape[m_axis];
        m_groupStride = transposed && m_convGroups > 1 ? weights.count() / m_convGroups : weights.count();
        m_sourceStride = strides[sourceAxis];
        m_sources = shape[sourceAxis] / (transposed ? m_convGroups : 1);
        tabulateChannels(weights.count());
    }
    [[nodiscard]] std::size_t channelOf(std::size_t i) const { return m_channelOf[i]; }
    [[nodiscard]] std::size_t sourceOf(std::size_t i) const
    {
        return static_cast<std::size_t>(static_cast<std::int64_t>(i) / m_sourceStride % m_sources);
    }
    [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(m_channels); }
    [[nodiscard]] std::size_t convGroups() const { return static_cast<std::size_t>(m_convGroups); }
    [[nodiscard]] std::size_t sources() const { return static_cast<std::size_t>(m_sources); }
    [[nodiscard]] int axis() const { return static_cast<int>(m_axis); }

private:
    /// channelOf(i) = i / groupStride · perGroup + i / stride % perGroup, run by run: every weight asks several times, and
    /// divisions would take longer than all else.
    void tabulateChannels(std::int64_t count)
    {
        m_channelOf.reserve(static_cast<std::size_t>(count));
        std::int64_t withinGroup = 0;
        for (std::int64_t i = 0; i < count; i += m_stride) {
            const std::int64_t channel = i / m_groupStride * m_perGroup + withinGroup;
            m_channelOf.insert(m_channelOf.end(), static_cast<std::size_t>(m_stride), static_cast<std::uint32_t>(channel));
            withinGroup = withinGroup + 1 == m_perGroup ? 0 : withinGroup + 1;
        }
    }

    std::vector<std::uint32_t> m_channelOf;
    std::int64_t m_channels;
    std::int64_t m_convGroups;
    std::size_t m_axis = 0;
    std::int64_t m_stride = 1;
    std::int64_t m_perGroup = 1;
    std::int64_t m_groupStride = 1;
    std::int64_t m_sourceStride = 1;
    std::int64_t m_sources = 1;
};

/// Which elements share a scale.
class Slots
{
public:
    Slots(const WeightLayout& layout, Granularity granularity)
        : m_layout(layout)
        , m_granularity(granularity)
    {
    }
    [[nodiscard]] std::size_t perChannel() const
    {
        const auto size = static_cast<std::size_t>(m_granularity.group);
        return m_granularity.kind == Granularity::Kind::Group ? (m_layout.sources() + size - 1) / size : 1;
    }
    [[nodiscard]] std::size_t count() const
    {
        switch (m_granularity.kind) {
        case Granularity::Kind::PerTensor: return 1;
        case Granularity::Kind::PerConvGroup: return m_layout.convGroups();
        default: return m_layout.channels() * perChannel();
        }
    }
    [[nodiscard]] std::size_t ofChannel(std::size_t c) const
    {
        switch (m_granularity.kind) {
        case Granularity::Kind::PerTensor: return 0;
        case Granularity::Kind::PerConvGroup: return c / (m_layout.channels() / m_layout.convGroups());
        default: return c * perChannel();
        }
    }
    [[nodiscard]] std::size_t of(std::size_t i) const
    {
        const std::size_t first = ofChannel(m_layout.channelOf(i));
        return m_granularity.kind == Granularity::Kind::Group
            ? first + m_layout.sourceOf(i) / static_cast<std::size_t>(m_granularity.group)
            : first;
    }

private:
    const WeightLayout& m_layout;
    Granularity m_granularity;
};

Range thresholdOf(std::span<const float> values, const WeightSettings& settings)
{
    return calibrateValues(values, *settings.method, {*settings.scheme, effectiveBits(settings)});
}

/// saturate(roundHalfEven(w / s) + z) into codes or wideCodes.
template <typename ParamsOf>
void storeCodes(std::span<const float> values, QuantizedWeights& weights, ParamsOf paramsOf)
{
    const CodeRange codes = weights.params.codes;
    const bool wide = weights.params.bits > 8;
    (wide ? weights.wideCodes.resize(values.size()) : weights.codes.resize(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto [scale, zeroPoint] = paramsOf(i);
        const float code = std::nearbyint(values[i] / scale) + static_cast<float>(zeroPoint);
        const auto clamped = std::clamp(code, static_cast<float>(codes.lowest), static_cast<float>(codes.highest));
        if (wide) {
            weights.wideCodes[i] = static_cast<std::int16_t>(clamped);
        } else {
            weights.codes[i] = static_cast<std::int8_t>(clamped);
        }
    }
}

WeightError errorOf(std::span<const float> weights, const QuantizedWeights& quantized, const WeightLayout& layout, const Slots& slots)
{
    std::vector<double> error(layout.channels(), 0.0);
    std::vector<double> signal(layout.channels(), 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t c = layout.channelOf(i);
        const std::size_t slot = quantized.params.group > 0 ? slots.of(i) : quantized.params.isPerChannel() ? c : 0;
        const double w = weights[i];
        const double d = w - static_cast<double>(quantized.params.scale[slot]) * (quantized.codeAt(i) - quantized.params.zeroPoint[slot]);
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
    const WeightLayout layout(op.node, weights);
    const Slots slots(layout, *settings.granularity);
    std::vector<float> bias;
    if (op.constants.size() > 2 && op.constants[2]) {
        const auto given = op.constants[2]->as<float>();
        bias.resize(layout.channels());
        for (std::size_t c = 0; c < bias.size(); ++c) {
            bias[c] = given.size() == 1 ? given[0] : given[c];
        }
    }
    std::vector<std::vector<float>> members(slots.count());
    for (std::size_t i = 0; i < values.size(); ++i) {
        members[slots.of(i)].push_back(values[i]);
    }
    std::vector<double> largestBias(slots.count(), 0.0);
    for (std::size_t c = 0; c < bias.size(); ++c) {
        double& largest = largestBias[slots.ofChannel(c)];
        largest = std::max(largest, static_cast<double>(std::fabs(bias[c])));
    }

    auto result = std::make_shared<QuantizedWeights>();
    result->method = toString(*settings.method);
    result->granularity = toString(*settings.granularity);
    std::vector<QuantizationParams> chosen;
    for (std::size_t slot = 0; slot < members.size(); ++slot) {
        const Range range = thresholdOf(members[slot], settings);
        const double fromBias = largestBias[slot] / (kMostBias * src.scale[0]);
        const double fromWeights = weightParams(range, settings).scale[0];
        result->channelsLimitedByBias += fromBias > fromWeights ? 1 : 0;
        result->threshold.push_back(range);
        chosen.push_back(weightParams(range, settings, fromBias));
    }
    result->params = chosen.front();
    result->params.scale.clear();
    result->params.zeroPoint.clear();
    const bool perTensor = settings.granularity->kind == Granularity::Kind::PerTensor;
    if (!perTensor) {
        result->params.axis = layout.axis();
    }
    if (slots.perChannel() > 1) {
        result->params.group = settings.granularity->group;
    }
    const bool expanded = settings.granularity->kind == Granularity::Kind::PerConvGroup; // one entry per channel all the same
    const std::size_t entries = expanded ? layout.channels() : chosen.size();
    std::vector<Range> thresholds;
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t slot = expanded ? slots.ofChannel(i) : i;
        result->params.scale.push_back(chosen[slot].scale[0]);
        result->params.zeroPoint.push_back(chosen[slot].zeroPoint[0]);
        thresholds.push_back(result->threshold[slot]);
    }
    result->threshold = std::move(thresholds);
    for (std::size_t c = 0; c < layout.channels(); ++c) {
        float largest = 0.0f;
        for (std::size_t k = 0; k < slots.perChannel(); ++k) {
            largest = std::max(largest, chosen[slots.ofChannel(c) + k].scale[0]);
        }
        result->channelScale.push_back(largest);
        result->channelZeroPoint.push_back(chosen[slots.ofChannel(c)].zeroPoint[0]);
    }
    storeCodes(values, *result, [&](std::size_t i) {
        const QuantizationParams& p = chosen[slots.of(i)];
        return std::pair {p.scale[0], p.zeroPoint[0]};
    });
    result->bias.resize(bias.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
        const double scale = static_cast<double>(src.scale[0]) * result->channelScale[c];
        result->bias[c] = static_cast<std::int32_t>(std::clamp(std::nearbyint(bias[c] / scale), -2147483647.0, 2147483647.0));
    }
    result->error = errorOf(values, *result, layout, slots);
    return result;
}

std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand, const WeightSettings& settings)
{
    const auto values = operand.as<float>();
    auto result = std::make_shared<QuantizedWeights>();
    result->method = toString(*settings.method);
    result->granularity = "per-tensor";
    result->threshold = {thresholdOf(values, settings)};
    result->params = weightParams(result->threshold[0], settings);
    const float scale = result->params.scale[0];
    const std::int32_t zeroPoint = result->params.zeroPoint[0];
    storeCodes(values, *result, [&](std::size_t) { return std::pair {scale, zeroPoint}; });
    double error = 0.0;
    double signal = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double d = values[i] - static_cast<double>(scale) * (result->codeAt(i) - zeroPoint);
        error += d * d;
        signal += static_cast<double>(values[i]) * values[i];
    }
    if (signal > 0.0) {
        result->error.relativeL2 = std::sqrt(error / signal);
    }
    return result;
}

} // namespace core
