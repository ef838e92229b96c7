#include "core/sensitivity/output_probe.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/leave_one_in.h"
#include "core/measure/metric_evidence.h"
#include "core/network/plan_entry.h"

#include <algorithm>

namespace core {

namespace {

std::size_t bytesOf(const SampleValues& values)
{
    std::size_t sum = 0;
    for (const Tensor& tensor : values) {
        sum += tensor.isDefined() ? tensor.byteCount() : 0;
    }
    return sum;
}

Tensor realOf(const PreparedNetwork& network, const SampleValues& values, ValueId id)
{
    const Tensor& value = values[indexOf(id)];
    return network.plan.isCodes(network.graph(), id)
        ? dequantized(value, network.plan.values[indexOf(id)]->params)
        : value;
}

/// The form of an operator for the shapes of one sample.
std::shared_ptr<const Executable> formOf(const PreparedNetwork& network, const Pipeline& pipeline,
                                         std::size_t op)
{
    return &pipeline == &network.pipeline ? network.forms[op]
                                          : pipeline.quantizedForm(OperatorId(op), network.plan);
}

std::vector<ValueId> observedValues(const PreparedNetwork& network)
{
    std::vector<ValueId> result = network.observedValues();
    for (const StateLink& state : network.states) {
        result.push_back(state.output);
    }
    return result;
}

} // namespace

/// Adds what the samples say, in sample order.
class OutputProbe::Counter
{
public:
    explicit Counter(const PreparedNetwork& network)
        : m_network(network)
        , m_merge([this](std::size_t, Partial&& partial) { merge(std::move(partial)); })
    {
        m_effect.outputs.resize(network.outputs.size());
    }

    /// `real(id)`: what stands in place of the FP32 value.
    template <typename Real>
    void add(std::size_t index, const Sample& sample, const SampleValues& fp32, const Real& real)
    {
        Partial partial;
        for (const MeasuredOutput& output : m_network.outputs) {
            partial.outputs.push_back(
                compareOutputs(output, fp32[indexOf(output.value)], real(output.value), sample.items));
        }
        if (m_network.classifier) {
            partial.fp32 =
                predictionsOf(toLayout(fp32[indexOf(*m_network.classifier)], Layout::RowMajor), sample);
            partial.quantized =
                predictionsOf(toLayout(real(*m_network.classifier), Layout::RowMajor), sample);
        }
        if (m_network.metric) {
            partial.metric = evidenceOf(
                m_network, index, sample, [&](ValueId id) { return fp32[indexOf(id)]; }, real);
        }
        m_merge.add(index, std::move(partial));
    }

    OutputEffect finish()
    {
        m_effect.accuracy = m_accuracy.result();
        if (m_network.metric && !m_evidence.fp32.empty()) {
            const MetricEstimate drop = metricDrop(*m_network.metric, m_evidence);
            if (drop.value) {
                m_effect.metric = {m_network.metric->metric->info().kind, *drop.value, drop.interval};
            }
        }
        return std::move(m_effect);
    }

private:
    struct Partial
    {
        std::vector<kernels::ErrorSums> outputs;
        std::vector<Prediction> fp32;
        std::vector<Prediction> quantized;
        MetricEvidence metric;
    };

    void merge(Partial&& partial)
    {
        for (std::size_t i = 0; i < partial.outputs.size(); ++i) {
            m_effect.outputs[i].squaredError += partial.outputs[i].totalSquaredError();
            m_effect.outputs[i].squaredReference += partial.outputs[i].totalSquaredReference();
        }
        m_accuracy.add(partial.fp32, partial.quantized);
        append(m_evidence, partial.metric);
        ++m_effect.samples;
    }

    const PreparedNetwork& m_network;
    OutputEffect m_effect;
    AccuracyCount m_accuracy;
    MetricEvidence m_evidence;
    OrderedMerge<Partial> m_merge;
};

OutputProbe::OutputProbe(Session& session, QuantizationPlan base, std::size_t samples)
    : m_session(session)
    , m_plan(std::move(base))
    , m_samples(std::min(samples, session.data().evaluation->size()))
{
}

bool OutputProbe::begin(const std::stop_token& stop, const ProgressCallback& progress)
{
    m_base = m_session.prepare(m_plan, stop, progress);
    if (!m_base) {
        return false;
    }
    m_held = std::vector<Held>(m_samples);
    const auto onDone = [&](std::size_t done) {
        if (progress) {
            progress({"Running", done, m_samples});
        }
    };
    const bool finished = forEachStep(
        *m_session.data().evaluation, m_samples, m_base->states, m_base->threads, stop,
        [&](std::size_t index, Feedback& feedback) { runBase(index, feedback); }, onDone);
    if (!finished) {
        return false;
    }
    auto effect = under(*m_base, stop);
    if (effect) {
        m_effect = std::move(*effect);
    }
    return effect.has_value();
}

void OutputProbe::runBase(std::size_t index, Feedback& feedback)
{
    Held& held = m_held[index];
    const Sample loaded = m_session.data().evaluation->load(index);
    held.sample = withState(loaded, m_base->states, feedback.fp32);
    held.quantizedSample = withState(loaded, m_base->states, feedback.quantized);
    const auto pipeline = m_base->pipeline.forSample(held.sample);
    SampleValues fp32 = pipeline->runFloat(held.sample);
    SampleValues quantizedValues = runUnder(*m_base, *pipeline, held, held.quantizedSample);
    feedback = {};
    for (const StateLink& state : m_base->states) {
        feedback.fp32.push_back(toLayout(fp32[indexOf(state.output)], Layout::RowMajor));
        feedback.quantized.push_back(
            toLayout(realOf(*m_base, quantizedValues, state.output), Layout::RowMajor));
    }
    const std::shared_ptr<MemoryBudget>& budget = m_session.budget();
    held.quantizedBytes = MemoryBudget::reserve(budget, bytesOf(quantizedValues));
    if (held.quantizedBytes) {
        held.quantized = std::move(quantizedValues);
    }
    // Every question reads the codes, few read these, and they are four times as large: codes have half for
    // sure.
    held.fp32Bytes = MemoryBudget::reserve(budget, bytesOf(fp32), budget->mostBytes() / 2);
    if (held.fp32Bytes) {
        held.fp32 = std::move(fp32);
    } else {
        held.fp32.resize(fp32.size());
        for (const ValueId id : observedValues(*m_base)) {
            held.fp32[indexOf(id)] = fp32[indexOf(id)];
        }
    }
}

SampleValues OutputProbe::runUnder(const PreparedNetwork& network, const Pipeline& pipeline, const Held& held,
                                   const Sample& sample) const
{
    const OperatorGraph& graph = pipeline.graph();
    const bool isBase = &network == m_base.get();
    // The base plan's own values are all of interest; of another plan only what decides the outputs.
    std::vector<bool> wanted(graph.operators.size(), isBase && !held.quantizedBytes);
    for (const ValueId id : observedValues(network)) {
        wanted[indexOf(*graph.producerOf[indexOf(id)])] = true;
    }
    SampleValues values(graph.graph->values().size());
    std::vector<bool> runs(wanted.size(), false);
    for (std::size_t i = wanted.size(); i-- > 0;) {
        if (!wanted[i]) {
            continue;
        }
        const Operator& op = graph.operators[i];
        if (held.quantizedBytes && network.keys[i] == m_base->keys[i]) {
            for (const ValueId output : op.outputs) {
                if (output != kNoValue) {
                    values[indexOf(output)] = held.quantized[indexOf(output)];
                }
            }
            continue;
        }
        runs[i] = true;
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k]) {
                wanted[indexOf(*graph.producerOf[indexOf(op.inputs[k])])] = true;
            }
        }
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i]) {
            pipeline.runQuantized(OperatorId(i), network.plan, *formOf(network, pipeline, i), sample, values);
        }
    }
    return values;
}

OutputProbe::Values OutputProbe::values(std::size_t index) const
{
    const Held& held = m_held[index];
    const auto pipeline = m_base->pipeline.forSample(held.sample);
    return {pipeline, held.sample, held.quantizedSample,
            held.fp32Bytes ? held.fp32 : pipeline->runFloat(held.sample),
            held.quantizedBytes ? held.quantized : runUnder(*m_base, *pipeline, held, held.quantizedSample)};
}

QuantizationPlan OutputProbe::without(OperatorId id) const
{
    return keptFloat(m_plan, m_base->graph().at(id));
}

std::optional<OutputEffect> OutputProbe::under(const QuantizationPlan& plan, const std::stop_token& stop)
{
    const auto network = m_session.prepare(plan, stop, {});
    return network ? under(*network, stop) : std::nullopt;
}

std::optional<OutputEffect> OutputProbe::under(const PreparedNetwork& network, const std::stop_token& stop)
{
    Counter counter(network);
    const auto work = [&](std::size_t index, Feedback& feedback) {
        const Held& held = m_held[index];
        const Sample sample = withState(held.sample, network.states, feedback.quantized);
        const auto pipeline = network.pipeline.forSample(sample);
        const SampleValues values = runUnder(network, *pipeline, held, sample);
        const auto real = [&](ValueId id) { return realOf(network, values, id); };
        counter.add(index, sample, held.fp32, real);
        feedback = {};
        for (const StateLink& state : network.states) {
            feedback.quantized.push_back(toLayout(real(state.output), Layout::RowMajor));
        }
    };
    const bool finished =
        forEachStep(*m_session.data().evaluation, m_samples, network.states, network.threads, stop, work, {});
    return finished ? std::optional(counter.finish()) : std::nullopt;
}

std::optional<OutputEffect> OutputProbe::withOnly(OperatorId op, const std::stop_token& stop,
                                                  std::size_t sampleLimit)
{
    const std::size_t count = sampleLimit > 0 ? std::min(sampleLimit, m_samples) : m_samples;
    const LeaveOneIn alone(m_base->graph(), op, m_base->states);
    Counter counter(*m_base);
    const auto work = [&](std::size_t index, Feedback& feedback) {
        const Held& held = m_held[index];
        const auto pipeline = m_base->pipeline.forSample(held.sample);
        const auto form = formOf(*m_base, *pipeline, indexOf(op));
        const SampleValues values =
            alone.run(*pipeline, m_base->plan, *form, held.sample,
                      held.fp32Bytes ? held.fp32 : pipeline->runFloat(held.sample), feedback.quantized);
        counter.add(index, held.sample, held.fp32, [&](ValueId output) { return values[indexOf(output)]; });
    };
    const bool finished =
        forEachStep(*m_session.data().evaluation, count, m_base->states, m_base->threads, stop, work, {});
    return finished ? std::optional(counter.finish()) : std::nullopt;
}

} // namespace core
