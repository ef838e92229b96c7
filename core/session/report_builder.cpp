#include "core/session/report_builder.h"

#include "core/measure/layer_metrics.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

namespace {

constexpr std::size_t kMostWorstChannels = 16;

std::vector<ChannelError> worstOf(const std::vector<float>& channels)
{
    std::vector<ChannelError> result;
    for (std::size_t c = 0; c < channels.size(); ++c) {
        result.push_back({static_cast<int>(c), channels[c]});
    }
    std::ranges::stable_sort(result, std::greater<>{}, &ChannelError::relativeL2);
    result.resize(std::min(result.size(), kMostWorstChannels));
    return result;
}

std::shared_ptr<const CodeCounts> codeCountsOf(const AccumulatedResult& result,
                                               const QuantizationParams& params)
{
    auto counts = std::make_shared<CodeCounts>();
    for (std::int32_t code = params.codes.lowest; code <= params.codes.highest; ++code) {
        counts->push_back(result.codes[static_cast<std::uint8_t>(code)]);
    }
    return counts;
}

void addIsolated(LayerReport& layer, const IsolatedResult& isolated, const LayerFacts& facts,
                 const ResolvedOperator& resolved, const std::optional<ResolvedValue>& value)
{
    if (resolved.kind != QuantizedKind::None || resolved.effective.isLowFloat()) {
        const auto scale = resolved.writesCodes ? std::optional(value->params.scale[0]) : std::nullopt;
        layer.isolated = metricsOf(isolated.sums, scale, isolated.samples);
        layer.channelRelativeL2 = channelRelativeL2(isolated.sums);
        layer.worstChannels = worstOf(layer.channelRelativeL2);
    }
    if (isolated.hasSplit) {
        layer.outputQuantization = outputQuantizationOf(isolated.split, facts.spanned, value->params);
    }
}

/// Quantized outputs beside the one that stands for the operator.
std::vector<std::string> unmeasuredOutputs(const OperatorGraph& graph, const ResolvedPlan& plan,
                                           const Operator& op)
{
    std::vector<std::string> names;
    for (const ValueId id : op.outputs) {
        if (id != kNoValue && id != op.result() && plan.isCodes(graph, id)) {
            names.push_back(fmt::format("'{}'", graph.value(id).name));
        }
    }
    return names;
}

/// Per sample. All that a Concat of codes of different scales does is to requantize them.
ConversionTime conversionOf(const OperatorGraph& graph, const Operator& op, const ResolvedPlan& plan,
                            const AccumulatedResult& result, double samples)
{
    ConversionTime time{result.conversion.quantize / samples, result.conversion.dequantize / samples, 0.0};
    const auto& output = plan.values[indexOf(op.result())];
    const bool rescales = std::ranges::any_of(op.inputs, [&](ValueId input) {
        return input != kNoValue && plan.isCodes(graph, input) && output
            && plan.values[indexOf(input)]->params != output->params;
    });
    if (plan.operators[indexOf(*graph.producerOf[indexOf(op.result())])].kind == QuantizedKind::Concat
        && rescales) {
        time.requantize = result.microseconds / samples - time.quantize;
    }
    return time;
}

} // namespace

std::shared_ptr<const LayerReport> makeLayerReport(const OperatorGraph& graph, OperatorId id,
                                                   const ResolvedPlan& plan, const Executable& form,
                                                   const LayerFacts& facts)
{
    const Operator& op = graph.at(id);
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    const auto& value = plan.values[indexOf(op.result())];
    auto layer = std::make_shared<LayerReport>();
    layer->id = id;
    layer->name = op.name;
    layer->type = op.type;
    layer->nodes = op.nodeNames;
    layer->group = op.group;
    layer->output = graph.value(op.result()).name;
    layer->depth = op.depth;
    layer->requested = resolved.requested;
    layer->effective = resolved.effective;
    layer->reason = resolved.reason;
    layer->backend = form.backend;
    layer->implementation = form.implementation;
    layer->inheritsActivation = resolved.inherits;
    if (resolved.writesCodes) {
        layer->activation =
            QuantizedTensorInfo{toString(value->method), {}, {value->threshold}, value->params};
    }
    if (resolved.weights) {
        const QuantizedWeights& w = *resolved.weights;
        layer->weight = QuantizedTensorInfo{w.method, w.granularity, w.threshold, w.params};
        layer->weightError = w.error;
    }
    if (facts.isolated) {
        addIsolated(*layer, *facts.isolated, facts, resolved, value);
    }
    if (facts.accumulated && facts.accumulated->sums.count > 0) {
        const auto scale = resolved.writesCodes ? std::optional(value->params.scale[0]) : std::nullopt;
        layer->accumulated = metricsOf(facts.accumulated->sums, scale, facts.accumulated->samples);
        if (facts.accumulated->shadow) {
            layer->pipelineShadow = metricsOf(*facts.accumulated->shadow, scale, facts.accumulated->samples);
        }
        layer->accumulatedChannelRelativeL2 = channelRelativeL2(facts.accumulated->sums);
        layer->sampleRelativeL2 = facts.accumulated->sampleRelativeL2;
        if (const auto& counts = facts.accumulated->saturation; !counts.empty()) {
            const auto half = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
            layer->saturation = SaturationReport{
                resolved.arithmetic.outlierShare, {counts.begin(), half}, {half, counts.end()}};
        }
        if (facts.accumulated->hasCodes) {
            layer->codeCounts = codeCountsOf(*facts.accumulated, value->params);
        }
        const auto samples = static_cast<double>(std::max<std::uint64_t>(facts.accumulated->samples, 1));
        layer->quantizedMicroseconds = facts.accumulated->microseconds / samples;
        layer->conversion = conversionOf(graph, op, plan, *facts.accumulated, samples);
    }
    layer->fp32Microseconds = facts.fp32Microseconds;
    return layer;
}

std::vector<std::string> graphWarnings(const OperatorGraph& graph, const ResolvedPlan& plan,
                                       const std::vector<TensorStatistics>& calibration)
{
    std::vector<std::string> warnings;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        const Moments& m = calibration[indexOf(op.result())].total;
        if (m.nans + m.infinities > 0) {
            warnings.push_back(
                fmt::format("{}: {} NaN and {} infinite values in '{}' over the calibration data", op.name,
                            m.nans, m.infinities, graph.value(op.result()).name));
        }
        if (const auto others = unmeasuredOutputs(graph, plan, op); !others.empty()) {
            warnings.push_back(fmt::format(
                "{}: its errors are those of '{}' alone; {} are quantized, too, and show in what reads them",
                op.name, graph.value(op.result()).name, fmt::join(others, ", ")));
        }
        const auto& weights = plan.operators[i].weights;
        if (weights && weights->channelsLimitedByBias > 0) {
            warnings.push_back(fmt::format("{}: the bias decides the weight scale of {} channels", op.name,
                                           weights->channelsLimitedByBias));
        }
    }
    return warnings;
}

} // namespace core
