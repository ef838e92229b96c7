#include "core/quantization/weight_quantization.h"

#include "core/base/error.h"
#include "core/network/fold_constants.h"
#include "core/network/weight_layout.h"
#include "core/quantization/scheme.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace core {

namespace {

constexpr double kMostBias = 1073741824.0; // 2^30: half of int32, so that sums with the products stay inside

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
        case Granularity::Kind::PerTensor:
            return 1;
        case Granularity::Kind::PerConvGroup:
            return m_layout.convGroups();
        default:
            return m_layout.channels() * perChannel();
        }
    }
    [[nodiscard]] std::size_t ofChannel(std::size_t c) const
    {
        switch (m_granularity.kind) {
        case Granularity::Kind::PerTensor:
            return 0;
        case Granularity::Kind::PerConvGroup:
            return c / (m_layout.channels() / m_layout.convGroups());
        default:
            return c * perChannel();
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

/// saturate(roundHalfEven(w / s) + z) into codes or wideCodes; with a mask, rounded as its bits say.
template <typename ParamsOf>
void storeCodes(std::span<const float> values, QuantizedWeights& weights, const RoundingMask& mask,
                ParamsOf paramsOf)
{
    const CodeRange codes = weights.params.codes;
    const bool wide = weights.params.bits > 8;
    (wide ? weights.wideCodes.resize(values.size()) : weights.codes.resize(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto [scale, zeroPoint] = paramsOf(i);
        const float steps = values[i] / scale;
        const float rounded =
            mask.isSet() ? std::floor(steps) + (mask.isUp(i) ? 1.0f : 0.0f) : std::nearbyint(steps);
        const float code = rounded + static_cast<float>(zeroPoint);
        const auto clamped =
            std::clamp(code, static_cast<float>(codes.lowest), static_cast<float>(codes.highest));
        if (wide) {
            weights.wideCodes[i] = static_cast<std::int16_t>(clamped);
        } else {
            weights.codes[i] = static_cast<std::int8_t>(clamped);
        }
    }
}

WeightError errorOf(std::span<const float> weights, const QuantizedWeights& quantized, const Operator& op)
{
    const DequantizedWeights reals(op, quantized);
    const WeightLayout& layout = reals.layout();
    std::vector<double> error(layout.channels(), 0.0);
    std::vector<double> signal(layout.channels(), 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t c = layout.channelOf(i);
        const double w = weights[i];
        const double d = w - reals.at(i);
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

std::int32_t biasCode(double bias, double srcScale, double weightScale)
{
    return static_cast<std::int32_t>(
        std::clamp(std::nearbyint(bias / (srcScale * weightScale)), -2147483647.0, 2147483647.0));
}

} // namespace

DequantizedWeights::DequantizedWeights(const Operator& op, const QuantizedWeights& weights)
    : m_weights(weights)
    , m_layout(op.node, *op.constants[1])
{
}

std::vector<float> livingWeights(const Operator& op, const DeadChannels& dead)
{
    const auto values = op.constants[1]->as<float>();
    std::vector<float> living(values.begin(), values.end());
    if (dead.isEmpty()) {
        return living;
    }
    const WeightLayout layout(op.node, *op.constants[1]);
    std::vector<bool> isSource(layout.sourceChannels(), false);
    std::vector<bool> isResult(layout.channels(), false);
    for (const std::int32_t c : dead.sources) {
        isSource[static_cast<std::size_t>(c)] = true;
    }
    for (const std::int32_t c : dead.results) {
        isResult[static_cast<std::size_t>(c)] = true;
    }
    for (std::size_t i = 0; i < living.size(); ++i) {
        if (isResult[layout.channelOf(i)] || isSource[layout.sourceChannelOf(i)]) {
            living[i] = 0.0f;
        }
    }
    return living;
}

std::vector<float> floatBiasOf(const Operator& op)
{
    if (op.constants.size() < 3 || !op.constants[2]) {
        return {};
    }
    const auto given = op.constants[2]->as<float>();
    const auto channels = static_cast<std::size_t>(outputChannels(op.node, *op.constants[1]));
    return given.size() == 1 ? std::vector<float>(channels, given[0])
                             : std::vector<float>(given.begin(), given.end());
}

std::shared_ptr<const QuantizedWeights> withBiasShift(const QuantizedWeights& weights, const Operator& op,
                                                      const QuantizationParams& src, std::vector<float> shift)
{
    auto result = std::make_shared<QuantizedWeights>(weights);
    std::vector<float> bias = floatBiasOf(op);
    bias.resize(shift.size(), 0.0f);
    for (const std::int32_t c : weights.dead.results) {
        bias[static_cast<std::size_t>(c)] = shift[static_cast<std::size_t>(c)] = 0.0f;
    }
    result->bias.resize(shift.size());
    for (std::size_t c = 0; c < shift.size(); ++c) {
        result->bias[c] =
            biasCode(static_cast<double>(bias[c]) + shift[c], src.scale[0], weights.channelScale[c]);
    }
    result->biasShift = std::move(shift);
    return result;
}

std::shared_ptr<const QuantizedWeights> quantizeWeights(const Operator& op, const WeightSettings& settings,
                                                        const QuantizationParams& src,
                                                        const DeadChannels& dead)
{
    const Tensor& weights = *op.constants[1];
    const WeightLayout layout(op.node, weights);
    std::vector<float> living;
    auto values = weights.as<float>();
    if (!dead.isEmpty()) {
        living = livingWeights(op, dead);
        values = living;
    }
    const RoundingMask mask = settings.roundingMask.value_or(RoundingMask{});
    if (mask.isSet() && mask.bits->size() != (values.size() + 7) / 8) {
        throw Error(ErrorKind::Usage,
                    fmt::format("plan: {}: weight.rounding_mask holds {} bytes; {} weights need {}", op.name,
                                mask.bits->size(), values.size(), (values.size() + 7) / 8));
    }
    const Slots slots(layout, *settings.granularity);
    std::vector<float> bias = floatBiasOf(op);
    for (const std::int32_t c : dead.results) {
        if (!bias.empty()) {
            bias[static_cast<std::size_t>(c)] = 0.0f;
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
    const bool expanded =
        settings.granularity->kind == Granularity::Kind::PerConvGroup; // one entry per channel all the same
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
    storeCodes(values, *result, mask, [&](std::size_t i) {
        const QuantizationParams& p = chosen[slots.of(i)];
        return std::pair{p.scale[0], p.zeroPoint[0]};
    });
    result->bias.resize(bias.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
        result->bias[c] = biasCode(bias[c], src.scale[0], result->channelScale[c]);
    }
    result->dead = dead;
    result->isRoundedByMask = mask.isSet();
    result->error = errorOf(values, *result, op);
    return result;
}

namespace {

/// Parts of one size, each with its own params.
std::shared_ptr<QuantizedWeights> quantizeParts(const Tensor& operand, std::size_t size,
                                                const WeightSettings& settings)
{
    const auto values = operand.as<float>();
    auto result = std::make_shared<QuantizedWeights>();
    result->method = toString(*settings.method);
    result->granularity = "per-tensor";
    for (std::size_t at = 0; at < values.size() || at == 0; at += size) {
        result->threshold.push_back(
            thresholdOf(values.subspan(at, std::min(size, values.size() - at)), settings));
        const QuantizationParams chosen = weightParams(result->threshold.back(), settings);
        if (at == 0) {
            result->params = chosen;
        } else {
            result->params.scale.push_back(chosen.scale[0]);
            result->params.zeroPoint.push_back(chosen.zeroPoint[0]);
        }
    }
    const QuantizationParams& params = result->params;
    const auto paramsOf = [&](std::size_t i) {
        return std::pair{params.scale[i / size], params.zeroPoint[i / size]};
    };
    storeCodes(values, *result, {}, paramsOf);
    double error = 0.0;
    double signal = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto [scale, zeroPoint] = paramsOf(i);
        const double d = values[i] - static_cast<double>(scale) * (result->codeAt(i) - zeroPoint);
        error += d * d;
        signal += static_cast<double>(values[i]) * values[i];
    }
    if (signal > 0.0) {
        result->error.relativeL2 = std::sqrt(error / signal);
    }
    return result;
}

} // namespace

std::shared_ptr<const QuantizedWeights> quantizeOperand(const Tensor& operand, const WeightSettings& settings)
{
    return quantizeParts(operand, std::max<std::size_t>(operand.as<float>().size(), 1), settings);
}

std::shared_ptr<const QuantizedWeights> quantizeMatrices(const Tensor& matrices,
                                                         const WeightSettings& settings)
{
    const Shape& shape = matrices.shape();
    const auto size = static_cast<std::size_t>(shape[shape.size() - 2] * shape.back());
    const bool isWhole = settings.granularity && settings.granularity->kind == Granularity::Kind::PerTensor;
    if (isWhole || size == 0 || matrices.as<float>().size() == size) {
        return quantizeOperand(matrices, settings);
    }
    auto result = quantizeParts(matrices, size, settings);
    result->granularity = "per-matrix";
    result->matrixSize = size;
    const auto batch = std::span(shape).first(shape.size() - 2);
    const auto first = std::ranges::find_if(batch, [](std::int64_t extent) { return extent > 1; });
    result->params.axis = static_cast<int>(first - batch.begin());
    return result;
}

} // namespace core
