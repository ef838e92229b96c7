#include "core/measure/metric_evidence.h"

#include "core/base/error.h"

#include <cstring>
#include <fmt/format.h>

namespace core {

namespace {

Truth truthOfItem(const MetricTask& task, std::size_t item, std::size_t place, const Sample& sample)
{
    if (task.usesClassLabels) {
        Truth truth;
        truth.label = place < sample.labels.size() ? sample.labels[place] : std::nullopt;
        return truth;
    }
    if (item >= task.truths.size()) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("metric {}: {} labels, sample {} has none", task.metric->info().kind,
                                task.truths.size(), item));
    }
    return task.truths[item];
}

} // namespace

Tensor itemOfBatch(const Tensor& whole, std::int64_t item, std::int64_t batch)
{
    if (batch < 2 || whole.rank() == 0 || whole.shape()[0] != batch) {
        return whole;
    }
    Shape shape = whole.shape();
    shape[0] = 1;
    TensorBuilder builder(whole.type(), shape);
    std::memcpy(builder.data(), whole.data() + static_cast<std::size_t>(item) * builder.byteCount(),
                builder.byteCount());
    return std::move(builder).finish();
}

MetricEvidence evidenceOf(const PreparedNetwork& network, std::size_t index, const Sample& sample,
                          const std::function<Tensor(ValueId)>& fp32,
                          const std::function<Tensor(ValueId)>& real)
{
    const MetricTask& task = *network.metric;
    const Tensor input = sample.inputs.empty() ? Tensor() : toLayout(sample.inputs[0], Layout::RowMajor);
    std::vector<Tensor> reference;
    std::vector<Tensor> quantized;
    for (const ValueId id : network.metricOutputs) {
        reference.push_back(toLayout(fp32(id), Layout::RowMajor));
        quantized.push_back(toLayout(real(id), Layout::RowMajor));
    }
    const auto batch = static_cast<std::int64_t>(task.itemsPerSample);
    MetricEvidence result;
    for (std::int64_t item = 0; item < sample.items; ++item) {
        const auto ofItem = [&](const std::vector<Tensor>& outputs) {
            MetricSample one{{}, itemOfBatch(input, item, batch)};
            for (const Tensor& output : outputs) {
                one.outputs.push_back(itemOfBatch(output, item, batch));
            }
            return one;
        };
        const MetricSample first = ofItem(reference);
        const auto place = static_cast<std::size_t>(item);
        const Truth truth = task.isAgainstFloat() || task.metric->info().needsFloatTruth
            ? task.metric->truthOf(first)
            : truthOfItem(task, index * task.itemsPerSample + place, place, sample);
        result.fp32.push_back(task.metric->evidence(first, truth));
        result.quantized.push_back(task.metric->evidence(ofItem(quantized), truth));
    }
    return result;
}

void append(MetricEvidence& all, const MetricEvidence& more)
{
    all.fp32.insert(all.fp32.end(), more.fp32.begin(), more.fp32.end());
    all.quantized.insert(all.quantized.end(), more.quantized.begin(), more.quantized.end());
}

} // namespace core
