#include "core/measure/calibration_pass.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"
#include "core/network/sequence.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <span>
#include <utility>

namespace core {

namespace {

ChannelMap channelMapOf(const Tensor& tensor)
{
    const auto layout = channelLayoutOf(tensor);
    return {layout.channels, layout.stride};
}

std::int64_t batchOf(const Sample& sample)
{
    return sample.inputs.empty() || sample.inputs[0].rank() == 0 ? 1 : sample.inputs[0].shape()[0];
}

std::vector<float> finiteOf(std::span<const float> values)
{
    std::vector<float> finite;
    finite.reserve(values.size());
    std::ranges::copy_if(values, std::back_inserter(finite), [](float x) { return std::isfinite(x); });
    return finite;
}

/// The states of the methods that look at samples in data order, for every float value.
class OrderedCollectors
{
public:
    OrderedCollectors(const OperatorGraph& graph, const CalibrationRequest& request)
        : m_graph(graph)
        , m_request(request)
        , m_states(request.methods.empty() ? 0 : graph.graph->values().size())
    {
        for (const CalibrationMethod& method : request.methods) {
            requireRegistered(method, request.custom);
        }
    }

    void add(const Sample& sample, const SampleValues& values)
    {
        for (std::size_t i = 0; i < m_states.size(); ++i) {
            if (!m_graph.producerOf[i] || values[i].type() != DataType::Float32) {
                continue;
            }
            if (m_states[i].empty()) {
                for (const CalibrationMethod& method : m_request.methods) {
                    m_states[i].push_back(
                        makeCollector(method, m_graph.value(ValueId(i)).name, m_request.custom));
                }
            }
            for (const auto& item : valuesByItem(sample, values[i])) {
                const std::vector<float> finite = finiteOf(item);
                for (const auto& state : m_states[i]) {
                    state->add(finite);
                }
            }
        }
    }

    void finish(std::vector<TensorStatistics>& total)
    {
        for (std::size_t i = 0; i < m_states.size(); ++i) {
            for (std::size_t k = 0; k < m_states[i].size(); ++k) {
                total[i].collected[toString(m_request.methods[k])] = std::move(m_states[i][k]);
            }
        }
    }

private:
    const OperatorGraph& m_graph;
    const CalibrationRequest& m_request;
    std::vector<std::vector<std::unique_ptr<Collector>>> m_states; // by ValueId, then as in m_request.methods
};

/// Adds the items of one value.
void addItems(std::vector<std::vector<TensorStatistics>>& items, std::size_t values, std::size_t id,
              const Sample& sample, const Tensor& value)
{
    const ChannelMap channels = channelMapOf(value);
    const auto parts = valuesByItem(sample, value);
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (items.size() <= k) {
            items.emplace_back(values);
        }
        items[k][id] = statisticsOf(parts[k], channels);
    }
}

std::function<void(std::size_t)> progressOf(const ProgressCallback& progress, std::size_t total)
{
    return [=](std::size_t done) {
        if (progress) {
            progress({"Calibrating", done, total});
        }
    };
}

} // namespace

std::vector<std::span<const float>> valuesByItem(const Sample& sample, const Tensor& tensor)
{
    const auto values = tensor.as<float>();
    const std::int64_t batch = batchOf(sample);
    if (batch <= 1 || tensor.rank() == 0 || tensor.shape()[0] != batch) {
        return {values};
    }
    std::vector<std::span<const float>> items;
    const std::size_t size = values.size() / static_cast<std::size_t>(batch);
    for (std::int64_t item = 0; item < std::min(batch, std::max<std::int64_t>(sample.items, 1)); ++item) {
        items.push_back(values.subspan(static_cast<std::size_t>(item) * size, size));
    }
    return items;
}

TensorStatistics statisticsOfValue(const Sample& sample, const Tensor& value)
{
    TensorStatistics result;
    const ChannelMap channels = channelMapOf(value);
    for (const auto& item : valuesByItem(sample, value)) {
        result.merge(statisticsOf(item, channels));
    }
    return result;
}

std::vector<std::vector<TensorStatistics>> statisticsOfItems(const OperatorGraph& graph, const Sample& sample,
                                                             const SampleValues& values)
{
    std::vector<std::vector<TensorStatistics>> items;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (graph.producerOf[i] && values[i].type() == DataType::Float32) {
            addItems(items, values.size(), i, sample, values[i]);
        }
    }
    return items;
}

std::vector<TensorStatistics> statisticsOfValues(const OperatorGraph& graph, const Sample& sample,
                                                 const SampleValues& values)
{
    std::vector<TensorStatistics> result(values.size());
    for (const auto& item : statisticsOfItems(graph, sample, values)) {
        mergeStatistics(result, item);
    }
    return result;
}

void mergeStatistics(std::vector<TensorStatistics>& total, const std::vector<TensorStatistics>& sample)
{
    total.resize(sample.size());
    for (std::size_t i = 0; i < sample.size(); ++i) {
        if (sample[i].samples > 0) {
            total[i].merge(sample[i]);
        }
    }
}

namespace {

/// What the next step of the sequence starts from.
void feedBack(const std::vector<StateLink>& states, const SampleValues& values, Feedback& feedback)
{
    feedback.fp32.clear();
    for (const StateLink& state : states) {
        feedback.fp32.push_back(toLayout(values[indexOf(state.output)], Layout::RowMajor));
    }
}

/// One FP32 pass that looks at every value as soon as it is written and drops it behind its last reader;
/// states stay and are fed back.
std::vector<std::vector<TensorStatistics>> statisticsOfSample(const Pipeline& pipeline, const Sample& sample,
                                                              const std::vector<StateLink>& states,
                                                              Feedback& feedback)
{
    const OperatorGraph& graph = pipeline.graph();
    SampleValues values(graph.graph->values().size());
    std::vector<std::vector<TensorStatistics>> result;
    std::vector<std::size_t> readers(values.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        readers[i] = graph.consumersOf[i].size();
    }
    for (const StateLink& state : states) {
        ++readers[indexOf(state.output)];
    }
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        pipeline.runFloat(OperatorId(i), sample, values);
        for (const ValueId id : op.outputs) {
            if (id != kNoValue && values[indexOf(id)].type() == DataType::Float32) {
                addItems(result, values.size(), indexOf(id), sample, values[indexOf(id)]);
            }
        }
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            const auto here = op.inputs.begin() + static_cast<std::ptrdiff_t>(k);
            const bool repeats = std::find(op.inputs.begin(), here, op.inputs[k]) != here;
            if (op.inputs[k] != kNoValue && !op.constants[k] && !repeats
                && --readers[indexOf(op.inputs[k])] == 0) {
                values[indexOf(op.inputs[k])] = {};
            }
        }
    }
    feedBack(states, values, feedback);
    return result;
}

} // namespace

std::optional<std::vector<TensorStatistics>>
collectStatistics(const Pipeline& pipeline, const Dataset& data, std::size_t samples, int threads,
                  const std::stop_token& stop, const ProgressCallback& progress,
                  const CalibrationRequest& request, const std::vector<StateLink>& states)
{
    struct Partial
    {
        std::vector<std::vector<TensorStatistics>> items;
        std::optional<Sample> sample; // only where a method looks at the values themselves
        SampleValues values;
    };
    std::vector<TensorStatistics> total(pipeline.graph().graph->values().size());
    OrderedCollectors collectors(pipeline.graph(), request);
    OrderedMerge<Partial> merge(
        [&](std::size_t, Partial&& partial) {
            for (const auto& item : partial.items) {
                mergeStatistics(total, item);
            }
            if (partial.sample) {
                collectors.add(*partial.sample, partial.values);
            }
        },
        request.methods.empty() ? 0 : 2 * static_cast<std::size_t>(threadCount(threads)));
    // A sequence that is cut off leaves a gap that nobody fills: whoever waits behind it must not wait any
    // more.
    const std::stop_callback onStop(stop, [&merge] { merge.abandon(); });
    const bool finished = forEachStep(
        data, samples, states, threads, stop,
        [&](std::size_t index, Feedback& feedback) {
            try {
                Sample sample = withState(data.load(index), states, feedback.fp32);
                const auto fitting = pipeline.forSample(sample);
                Partial partial;
                if (request.methods.empty()) {
                    partial.items = statisticsOfSample(*fitting, sample, states, feedback);
                } else {
                    partial.values = fitting->runFloat(sample);
                    feedBack(states, partial.values, feedback);
                    if (request.statistics) {
                        partial.items = statisticsOfItems(pipeline.graph(), sample, partial.values);
                    }
                    partial.sample = std::move(sample);
                }
                merge.add(index, std::move(partial));
            } catch (...) {
                merge.abandon(); // whoever waits for this sample waits in vain
                throw;
            }
        },
        progressOf(progress, samples));
    if (!finished || stop.stop_requested()) {
        return std::nullopt;
    }
    collectors.finish(total);
    return total;
}

bool observeSamples(const Pipeline& pipeline, const Dataset& data, std::size_t samples,
                    const std::vector<StateLink>& states,
                    const std::function<void(const Sample&, const SampleValues&)>& look,
                    const std::stop_token& stop, const ProgressCallback& progress)
{
    return forEachStep(
        data, samples, states, 1, stop,
        [&](std::size_t index, Feedback& feedback) {
            const Sample sample = withState(data.load(index), states, feedback.fp32);
            const SampleValues values = pipeline.forSample(sample)->runFloat(sample);
            look(sample, values);
            feedBack(states, values, feedback);
        },
        progressOf(progress, samples));
}

std::optional<std::vector<TensorStatistics>>
collectChannelStatistics(const Pipeline& pipeline, const Dataset& data, ValueId value, std::size_t samples,
                         int threads, const std::stop_token& stop, const ProgressCallback& progress)
{
    const OperatorGraph& graph = pipeline.graph();
    const std::size_t last = indexOf(*graph.producerOf[indexOf(value)]);
    std::vector<TensorStatistics> total;
    OrderedMerge<std::vector<TensorStatistics>> merge(
        [&](std::size_t, std::vector<TensorStatistics>&& sample) { mergeStatistics(total, sample); });
    const bool finished = forEachSample(
        samples, threads, stop,
        [&](std::size_t index) {
            const Sample sample = data.load(index);
            const auto fitting = pipeline.forSample(sample);
            SampleValues values(graph.graph->values().size());
            for (std::size_t op = 0; op <= last; ++op) {
                fitting->runFloat(OperatorId(op), sample, values);
            }
            const Tensor& tensor = values[indexOf(value)];
            std::vector<TensorStatistics> channels;
            for (const auto& item : valuesByItem(sample, tensor)) {
                mergeStatistics(channels, channelStatisticsOf(item, channelMapOf(tensor)));
            }
            merge.add(index, std::move(channels));
        },
        progressOf(progress, samples));
    return finished ? std::optional(std::move(total)) : std::nullopt;
}

} // namespace core
