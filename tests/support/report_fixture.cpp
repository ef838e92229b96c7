#include "tests/support/report_fixture.h"

#include "core/calibration/method.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace support {

namespace {

struct Sketch
{
    const char* name;
    const char* type;
    double isolated;
    double accumulated;
    double atOutput;
    double span; // standard deviation of the output
    double outliers; // share of values ten times as large
    bool relu;
};

constexpr Sketch kSketches[]{
    {"image", "Input", 0.003, 0.003, 0.001, 1.0, 0.0, false},
    {"conv1", "Conv", 0.008, 0.011, 0.004, 2.1, 0.0, true},
    {"dw2", "Conv", 0.021, 0.030, 0.012, 1.4, 0.001, true},
    {"pw2", "Conv", 0.034, 0.048, 0.018, 0.8, 0.01, true},
    {"dw3", "Conv", 0.412, 0.431, 0.287, 0.35, 0.02, true},
    {"pw3", "Conv", 0.031, 0.352, 0.021, 1.2, 0.0, true},
    {"add3", "Add", 0.012, 0.214, 0.009, 1.9, 0.0, false},
    {"dw4", "Conv", 0.067, 0.233, 0.041, 0.9, 0.004, true},
    {"pw4", "Conv", 0.024, 0.198, 0.011, 1.1, 0.0, true},
    {"add4", "Add", 0.009, 0.171, 0.003, 2.4, 0.0, false},
    {"conv5", "Conv", 0.016, 0.182, 0.006, 1.3, 0.0, true},
    {"pool", "GlobalAveragePool", 0.006, 0.095, 0.002, 0.5, 0.0, true},
    {"flatten", "Flatten", 0.0, 0.095, 0.0, 0.5, 0.0, true},
    {"fc", "Gemm", 0.014, 0.112, 0.013, 4.0, 0.0, false},
    {"softmax", "Softmax", 0.0, 0.071, 0.0, 0.1, 0.0, true},
};

std::vector<float> valuesOf(const Sketch& sketch, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0.0, sketch.span);
    std::bernoulli_distribution outlier(sketch.outliers);
    std::vector<float> values(20000);
    for (float& value : values) {
        double v = normal(random) * (outlier(random) ? 10.0 : 1.0);
        value = static_cast<float>(sketch.relu ? std::max(0.0, v) : v);
    }
    return values;
}

core::ErrorMetrics metricsOf(double relative)
{
    core::ErrorMetrics metrics;
    metrics.l2 = 100.0 * relative;
    metrics.relativeL2 = relative;
    metrics.medianChannelRelativeL2 = relative * 1.4;
    metrics.sqnrDb = relative > 0.0 ? std::optional(-20.0 * std::log10(relative)) : std::nullopt;
    metrics.cosine = 1.0 - relative * relative / 2.0;
    metrics.maxAbs = relative * 3.0;
    metrics.rmseLsb = 0.29 + 4.0 * relative;
    metrics.elements = 20000;
    metrics.samples = 50;
    return metrics;
}

core::CodeCounts codesOf(const std::vector<float>& values, const core::QuantizationParams& params)
{
    core::CodeCounts counts(static_cast<std::size_t>(params.codes.highest - params.codes.lowest) + 1, 0);
    for (const float value : values) {
        const double code = std::clamp<double>(std::nearbyint(value / params.scale[0]) + params.zeroPoint[0],
                                               params.codes.lowest, params.codes.highest);
        ++counts[static_cast<std::size_t>(static_cast<int>(code) - params.codes.lowest)];
    }
    return counts;
}

std::shared_ptr<core::LayerReport> layerOf(const Sketch& sketch, std::uint32_t index,
                                           core::StatisticsByValue& statistics)
{
    auto layer = std::make_shared<core::LayerReport>();
    layer->id = core::OperatorId{index};
    layer->name = sketch.name;
    layer->type = sketch.type;
    layer->nodes = {sketch.name};
    layer->output = std::string(sketch.name) + "_out";
    layer->depth = static_cast<int>(index);
    layer->accumulated = metricsOf(sketch.accumulated);
    layer->fp32Microseconds = 100.0 + 13.0 * index;
    layer->quantizedMicroseconds = 30.0 + 4.0 * index;
    const std::vector<float> values = valuesOf(sketch, index + 1);
    core::TensorStatistics tensor = core::statisticsOf(values, {.channels = 16, .stride = 50});
    statistics.emplace(layer->output, tensor);
    for (int sample = 0; sample < 50; ++sample) {
        layer->sampleRelativeL2.push_back(
            static_cast<float>(sketch.accumulated * (1.0 + 0.4 * std::sin(sample * 1.7))));
    }
    if (layer->type == "Softmax") {
        layer->effective = core::kFp32;
        layer->requested = core::kFp32;
        layer->backend = "onednn";
        return layer;
    }
    layer->backend = "onednn";
    layer->implementation = "brgconv:avx512_core_vnni";
    layer->isolated = metricsOf(sketch.isolated);
    layer->atOutput = metricsOf(sketch.atOutput);
    layer->atOutput->samples = 4;
    layer->inheritsActivation = layer->type == "Flatten";
    const core::Range range{std::min(0.0F, tensor.total.min), tensor.total.max};
    core::QuantizedTensorInfo info;
    info.method = "minmax";
    info.threshold = {range};
    info.params = core::chooseActivationParams(range, core::Scheme::Asymmetric, 8);
    layer->codeCounts = std::make_shared<core::CodeCounts>(codesOf(values, info.params));
    layer->activation = info;
    layer->outputQuantization = core::OutputQuantization{.l2 = 100.0 * sketch.isolated,
                                                         .clipL2 = 0.0,
                                                         .roundL2 = 100.0 * sketch.isolated,
                                                         .clipped = 0.0,
                                                         .rangeUsed = 1.0 - 8.0 * sketch.outliers * 2.0};
    for (int channel = 0; channel < 16; ++channel) {
        layer->channelRelativeL2.push_back(
            static_cast<float>(sketch.isolated * (0.5 + ((channel * 7) % 16) / 8.0)));
    }
    for (int channel = 0; channel < 16; ++channel) {
        layer->worstChannels.push_back(
            {channel, layer->channelRelativeL2[static_cast<std::size_t>(channel)]});
    }
    std::ranges::sort(layer->worstChannels, std::greater{}, &core::ChannelError::relativeL2);
    if (layer->type == "Conv" || layer->type == "Gemm") {
        core::QuantizedTensorInfo weight;
        weight.method = "minmax";
        weight.granularity = "per-channel";
        weight.params.type = core::DataType::Int8;
        weight.params.codes = {-127, 127};
        weight.params.scale.assign(16, 0.004F);
        weight.params.zeroPoint.assign(16, 0);
        weight.params.axis = 0;
        layer->weight = weight;
        layer->weightError = core::WeightError{
            .relativeL2 = sketch.isolated / 2, .medianChannelRelativeL2 = sketch.isolated, .worstChannel = 7};
    }
    return layer;
}

} // namespace

std::shared_ptr<const core::Results> makeResults()
{
    auto statistics = std::make_shared<core::StatisticsByValue>();
    auto report = std::make_shared<core::Report>();
    report->plan = std::make_shared<core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    report->modelFile = "made_up.onnx";
    report->modelNodes = 30;
    report->samples = 50;
    core::Accuracy accuracy;
    accuracy.samples = 50;
    accuracy.labelled = true;
    accuracy.fp32 = {59.7, 80.3};
    accuracy.quantized = {42.0, 66.0};
    accuracy.top1Agreement = 61.0;
    report->accuracy = accuracy;
    report->outputs = {{"logits", "logits", metricsOf(0.112)}};
    for (int sample = 0; sample < 50; ++sample) {
        report->predictions.push_back({sample % 10, (sample * 3) % 10, (sample * 3 + (sample % 4 == 0)) % 10,
                                       0.1 * (1.0 + 0.4 * std::sin(sample * 1.7))});
    }
    std::uint32_t index = 0;
    for (const Sketch& sketch : kSketches) {
        report->layers.push_back(layerOf(sketch, index++, *statistics));
    }
    auto results = std::make_shared<core::Results>();
    results->report = report;
    results->calibration = statistics;
    results->evaluation = statistics;
    return results;
}

std::shared_ptr<const core::Results> withChangedLayer(const core::Results& results, std::size_t index)
{
    auto report = std::make_shared<core::Report>(*results.report);
    auto layer = std::make_shared<core::LayerReport>(*report->layers[index]);
    layer->isolated = metricsOf(0.002);
    report->layers[index] = layer;
    auto changed = std::make_shared<core::Results>(results);
    changed->report = report;
    return changed;
}

} // namespace support
