#include "core/diagnosis/data_observation.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

bool fits(const Graph& graph, const Sample& sample)
{
    bool result = sample.inputs.size() == graph.inputs().size();
    for (std::size_t i = 0; result && i < sample.inputs.size(); ++i) {
        result = sample.inputs[i].shape() == graph.value(graph.inputs()[i]).shape;
    }
    return result;
}

/// Sums of one sample of one input.
struct SampleLook
{
    std::vector<double> means;
    double sum = 0.0;
    double squares = 0.0;
    double count = 0.0;
    double steps = 0.0;
    double stepsOfThree = 0.0;
};

SampleLook lookAt(const Tensor& tensor)
{
    SampleLook look;
    if (tensor.type() != DataType::Float32) {
        return look;
    }
    const auto layout = channelLayoutOf(tensor);
    const auto values = tensor.as<float>();
    std::vector<double> sums(layout.channels, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double v = values[i];
        sums[i / layout.stride % layout.channels] += v;
        look.sum += v;
        look.squares += v * v;
        look.steps += i + 1 < values.size() ? std::fabs(values[i + 1] - v) : 0.0;
        look.stepsOfThree += i + 3 < values.size() ? std::fabs(values[i + 3] - v) : 0.0;
    }
    look.count = static_cast<double>(values.size());
    for (const double sum : sums) {
        look.means.push_back(sum * static_cast<double>(sums.size()) / std::max(look.count, 1.0));
    }
    return look;
}

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

InputLook merged(const std::vector<SampleLook>& samples)
{
    InputLook look;
    double count = 0.0;
    std::vector<double> means;
    std::vector<double> deviations;
    for (const SampleLook& sample : samples) {
        if (sample.count == 0.0) {
            continue;
        }
        look.mean.resize(sample.means.size());
        look.sampleMeans.push_back(sample.means);
        for (std::size_t c = 0; c < sample.means.size(); ++c) {
            look.mean[c] += sample.means[c];
        }
        means.push_back(sample.sum / sample.count);
        deviations.push_back(
            std::sqrt(std::max(0.0, sample.squares / sample.count - means.back() * means.back())));
        count += sample.count;
        look.roughness += sample.steps;
        look.roughnessAtThree += sample.stepsOfThree;
    }
    if (count > 0.0) {
        for (double& mean : look.mean) {
            mean /= static_cast<double>(look.samples());
        }
        look.typicalMean = medianOf(means);
        look.typicalDeviation = medianOf(deviations);
        look.roughness /= count;
        look.roughnessAtThree /= count;
    }
    return look;
}

Range rangeOf(const Tensor& tensor)
{
    Range range;
    if (tensor.type() != DataType::Float32 || tensor.isEmpty()) {
        return range;
    }
    bool isFirst = true;
    for (const float v : tensor.as<float>()) {
        if (std::isfinite(v)) {
            range.min = isFirst ? v : std::min(range.min, static_cast<double>(v));
            range.max = isFirst ? v : std::max(range.max, static_cast<double>(v));
            isFirst = false;
        }
    }
    return range;
}

} // namespace

std::optional<DataObservation> observeData(const Pipeline& pipeline, const DataSource& data,
                                           std::size_t evaluationSamples, std::size_t most, int threads,
                                           const std::stop_token& stop, const ProgressCallback& progress)
{
    const OperatorGraph& graph = pipeline.graph();
    const std::size_t calibration =
        std::min(most, data.calibratesOnEvaluation ? evaluationSamples : data.calibration->size());
    const std::size_t evaluation = data.calibratesOnEvaluation ? 0 : std::min(most, evaluationSamples);
    const std::size_t inputs = graph.graph->inputs().size();
    const auto byInput = [&](std::size_t samples) {
        return std::vector(inputs, std::vector<SampleLook>(samples));
    };
    std::vector<std::vector<SampleLook>> looks = byInput(calibration);
    std::vector<std::vector<SampleLook>> others = byInput(evaluation);
    std::vector<std::vector<Range>> ranges(graph.operators.size(), std::vector<Range>(calibration));
    const bool finished = forEachSample(
        calibration + evaluation, threads, stop,
        [&](std::size_t index) {
            const bool isCalibration = index < calibration;
            const std::size_t at = isCalibration ? index : index - calibration;
            const Sample sample = (isCalibration ? data.calibration : data.evaluation)->load(at);
            for (std::size_t i = 0; i < std::min(inputs, sample.inputs.size()); ++i) {
                (isCalibration ? looks : others)[i][at] = lookAt(sample.inputs[i]);
            }
            if (isCalibration && fits(*graph.graph, sample)) {
                const SampleValues values = pipeline.runFloat(sample);
                for (std::size_t i = 0; i < graph.operators.size(); ++i) {
                    const ValueId id = graph.operators[i].result();
                    ranges[i][at] = id == kNoValue ? Range{} : rangeOf(values[indexOf(id)]);
                }
            }
        },
        [&](std::size_t done) {
            if (progress) {
                progress({"Looking at the data", done, calibration + evaluation});
            }
        });
    if (!finished) {
        return std::nullopt;
    }
    DataObservation result;
    for (std::size_t i = 0; i < inputs; ++i) {
        result.inputs.push_back(
            {graph.value(graph.graph->inputs()[i]).name, merged(looks[i]), merged(others[i])});
    }
    result.sampleRanges = std::move(ranges);
    for (std::size_t k = 0; k < calibration; ++k) {
        result.sampleNames.push_back(data.calibration->sampleName(k));
    }
    return result;
}

} // namespace core
