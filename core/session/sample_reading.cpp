#include "core/session/sample_reading.h"

#include "core/base/error.h"
#include "core/measure/metric_evidence.h"
#include "core/metrics/text_metrics.h"
#include "core/session/both_pipelines.h"

#include <fmt/format.h>

namespace core {

std::optional<SampleReading> readingOf(const PreparedNetwork& network, const Dataset& data, std::size_t item,
                                       const std::stop_token& stop)
{
    if (!network.metric) {
        throw Error(ErrorKind::Usage, "the data description names no metric: nothing says how outputs read");
    }
    const std::size_t perSample = network.metric->itemsPerSample;
    const std::size_t index = item / perSample;
    if (index >= data.size()) {
        throw Error(ErrorKind::Usage, fmt::format("sample {} is not there: {} are", item, data.size()));
    }
    Feedback states;
    for (std::size_t i = sequenceStart(network, data, index); i < index; ++i) {
        if (!runBoth(network, data, i, std::nullopt, states, stop)) {
            return std::nullopt;
        }
    }
    const auto both = runBoth(network, data, index, std::nullopt, states, stop);
    if (!both) {
        return std::nullopt;
    }
    const Sample sample = data.load(index);
    const auto place = static_cast<std::int64_t>(item % perSample);
    const auto batch = static_cast<std::int64_t>(perSample);
    const auto ofItem = [&](const Tensor& whole) {
        return itemOfBatch(toLayout(whole, Layout::RowMajor), place, batch);
    };
    SampleReading reading;
    reading.item = item;
    reading.input = sample.inputs.empty() ? Tensor() : ofItem(sample.inputs[0]);
    MetricSample fp32{{}, reading.input};
    MetricSample quantized{{}, reading.input};
    for (const ValueId id : network.metricOutputs) {
        const Tensor& value = both->quantized[indexOf(id)];
        const bool isCodes = network.plan.isCodes(network.graph(), id);
        fp32.outputs.push_back(ofItem(both->fp32[indexOf(id)]));
        quantized.outputs.push_back(
            ofItem(isCodes ? dequantized(value, network.plan.values[indexOf(id)]->params) : value));
    }
    const Metric& metric = *network.metric->metric;
    reading.output = fp32.outputs.at(0).shape();
    reading.fp32 = metric.truthOf(fp32);
    reading.quantized = metric.truthOf(quantized);
    reading.isCharacters = readsCharacters(metric);
    return reading;
}

} // namespace core
