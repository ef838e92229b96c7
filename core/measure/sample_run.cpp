#include "core/measure/sample_run.h"

#include "core/base/sample_loop.h"
#include "core/execution/dynamic_executable.h"
#include "core/execution/executable_support.h"
#include "core/measure/calibration_pass.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/metric_evidence.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace core {

namespace {

using Clock = std::chrono::steady_clock;

double microsecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// Everything that happens to one sample.
class SampleRun
{
public:
    SampleRun(const PreparedNetwork& network, const EvaluationData& over, const EvaluationTask& task,
              std::size_t index, const Sample& sample, Feedback& states)
        : m_network(network)
        , m_cache(over.cache)
        , m_task(task)
        , m_pipeline(network.pipeline.forSample(sample))
        , m_graph(m_pipeline->graph())
        , m_index(index)
        , m_sample(withState(sample, network.states, states.fp32))
        , m_quantizedSample(withState(sample, network.states, states.quantized))
        , m_states(states)
    {
    }

    /// Operator by operator through everything that is asked for, so that what one step wrote is still in the
    /// processor's cache when the next one reads it.
    SamplePartial run()
    {
        const bool runsReference = !fetchReference();
        if (runsReference) {
            m_partial.fp32Microseconds.assign(m_graph.operators.size(), 0.0);
        }
        m_values.resize(m_graph.graph->values().size());
        m_rounded.resize(m_values.size());
        m_partial.accumulated.resize(m_graph.operators.size());
        m_partial.isolated.resize(m_graph.operators.size());
        m_partial.statistics.resize(m_task.statistics ? m_values.size() : 0);
        const std::vector<bool> quantizes = neededOperators();
        const std::vector<std::vector<std::size_t>> unread = valuesUnreadBehind();
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            if (runsReference) {
                runReference(i);
            }
            if (m_task.statistics) {
                collect(i);
            }
            if (quantizes[i]) {
                runQuantized(i);
            }
            if (m_task.accumulated[i]) {
                measureAccumulated(i);
            }
            if (measuresShadow(i)) {
                measureShadow(i);
            }
            if (m_task.isolated[i]) {
                measureIsolated(i);
            }
            for (const std::size_t value : unread[i]) {
                m_reference[value] = {};
                m_values[value] = {};
                m_rounded[value] = {};
            }
        }
        measureOutputs();
        feedStatesBack();
        return std::move(m_partial);
    }

private:
    Fingerprint referenceKey(std::size_t value) const
    {
        return FingerprintBuilder().add(m_network.traceKey).add(value).finish();
    }

    /// Where only outputs are asked for, the rest would crowd the FP32 outputs of other samples out of the
    /// cache.
    bool keepsAll() const
    {
        const auto any = [](const std::vector<bool>& flags) {
            return std::ranges::find(flags, true) != flags.end();
        };
        return m_task.statistics || any(m_task.accumulated) || any(m_task.isolated);
    }

    bool needsReference(std::size_t op) const { return m_task.accumulated[op] || m_task.isolated[op]; }

    /// Takes the FP32 values from the cache when all that are needed lie there; false when a whole FP32 pass
    /// must be made.
    bool fetchReference()
    {
        std::vector<bool>& needed = m_needed;
        needed.assign(m_graph.graph->values().size(), m_task.statistics);
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            if (!needsReference(i)) {
                continue;
            }
            needed[indexOf(op.result())] = true;
            for (std::size_t k = 0; k < op.inputs.size() && m_task.isolated[i]; ++k) {
                if (op.inputs[k] != kNoValue && !op.constants[k]) {
                    needed[indexOf(op.inputs[k])] = true;
                }
            }
        }
        visitEnds(m_task.outputs, [&](ValueId id) { needed[indexOf(id)] = true; });
        m_reference.resize(needed.size());
        bool complete = true;
        for (std::size_t i = 0; i < needed.size() && complete; ++i) {
            if (needed[i] && m_graph.producerOf[i]) {
                auto tensor = m_cache.find(referenceKey(i), m_index);
                complete = tensor.has_value();
                m_reference[i] = std::move(tensor).value_or(Tensor());
            }
        }
        return complete;
    }

    /// What is needed behind the last operator: to be fed back, and `isMeasured` to be measured.
    template <typename Visit>
    void visitEnds(bool isMeasured, const Visit& visit) const
    {
        for (const ValueId id : isMeasured ? m_network.observedValues() : std::vector<ValueId>{}) {
            visit(id);
        }
        for (const StateLink& state : m_network.states) {
            visit(state.output);
        }
    }

    /// By operator: the values that nothing behind it reads, neither an operator nor what is measured at the
    /// end. Their bytes serve the next tensors, still in the processor's cache.
    std::vector<std::vector<std::size_t>> valuesUnreadBehind() const
    {
        std::vector<std::optional<std::size_t>> last(m_values.size());
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            for (const auto& ids : {m_graph.operators[i].outputs, m_graph.operators[i].inputs}) {
                for (const ValueId id : ids) {
                    if (id != kNoValue) {
                        last[indexOf(id)] = i;
                    }
                }
            }
        }
        visitEnds(true, [&](ValueId id) { last[indexOf(id)].reset(); });
        std::vector<std::vector<std::size_t>> result(m_graph.operators.size());
        for (std::size_t value = 0; value < last.size(); ++value) {
            if (last[value]) {
                result[*last[value]].push_back(value);
            }
        }
        return result;
    }

    void runReference(std::size_t i)
    {
        const auto start = Clock::now();
        m_pipeline->runFloat(OperatorId(i), m_sample, m_reference);
        m_partial.fp32Microseconds[i] = microsecondsSince(start);
        for (const ValueId id : m_graph.operators[i].outputs) {
            if (id != kNoValue && m_reference[indexOf(id)].isDefined()
                && (keepsAll() || m_needed[indexOf(id)])) {
                m_cache.insert(referenceKey(indexOf(id)), m_index, m_reference[indexOf(id)]);
            }
        }
    }

    void collect(std::size_t i)
    {
        for (const ValueId id : m_graph.operators[i].outputs) {
            if (id != kNoValue && m_reference[indexOf(id)].type() == DataType::Float32) {
                m_partial.statistics[indexOf(id)] = statisticsOfValue(m_sample, m_reference[indexOf(id)]);
            }
        }
    }

    /// Marks what must run: what is measured, and what feeds it and is not cached.
    std::vector<bool> neededOperators()
    {
        std::vector<bool> wanted = m_task.accumulated;
        visitEnds(m_task.outputs, [&](ValueId id) {
            if (const auto producer = m_graph.producerOf[indexOf(id)]) { // none of a constant state
                wanted[indexOf(*producer)] = true;
            }
        });
        std::vector<bool> run(wanted.size(), false);
        for (std::size_t i = wanted.size(); i-- > 0;) {
            if (!wanted[i]) {
                continue;
            }
            const Operator& op = m_graph.operators[i];
            // What saturates is counted while it runs.
            const bool counted = m_task.accumulated[i] && m_network.plan.operators[i].arithmetic.saturates();
            if (auto tensor = m_cache.find(m_network.keys[i], m_index);
                tensor && op.outputs.size() == 1 && !counted) {
                m_values[indexOf(op.result())] = std::move(*tensor);
                if (!measuresShadow(i)) {
                    continue;
                }
            } else {
                run[i] = true;
            }
            for (std::size_t k = 0; k < op.inputs.size(); ++k) {
                if (op.inputs[k] != kNoValue && !op.constants[k]) {
                    wanted[indexOf(*m_graph.producerOf[indexOf(op.inputs[k])])] = true;
                }
            }
        }
        return run;
    }

    void runQuantized(std::size_t i)
    {
        const Operator& op = m_graph.operators[i];
        const auto form = formOf(i);
        const auto start = Clock::now();
        m_partial.accumulated[i].saturation =
            m_pipeline->runQuantized(OperatorId(i), m_network.plan, *form, m_quantizedSample, m_values,
                                     &m_partial.accumulated[i].conversion);
        m_partial.accumulated[i].microseconds = microsecondsSince(start);
        m_partial.accumulated[i].ran = true;
        if (op.outputs.size() == 1 && keepsAll()) {
            m_cache.insert(m_network.keys[i], m_index, m_values[indexOf(op.result())]);
        }
    }

    /// A reference as all readers of the value clamp it.
    Tensor asReadersSee(const Tensor& reference, ValueId id) const
    {
        const auto& value = m_network.plan.values[indexOf(id)];
        if (!value || !value->readersRange || reference.type() != DataType::Float32) {
            return reference;
        }
        const Range range = *value->readersRange;
        TensorBuilder clamped(DataType::Float32, reference.shape(), reference.layout());
        std::ranges::transform(reference.as<float>(), clamped.as<float>().begin(), [range](float x) {
            return static_cast<float>(std::clamp<double>(x, range.min, range.max));
        });
        return std::move(clamped).finish();
    }

    void measureAccumulated(std::size_t i)
    {
        const ValueId id = m_graph.operators[i].result();
        const Tensor& value = m_values[indexOf(id)];
        const Tensor& reference = m_reference[indexOf(id)];
        if (reference.type() != DataType::Float32) {
            return;
        }
        SamplePartial::Accumulated& partial = m_partial.accumulated[i];
        const QuantizationParams* params =
            m_network.plan.operators[i].writesCodes ? &m_network.plan.values[indexOf(id)]->params : nullptr;
        partial.sums = compareTensors(asReadersSee(reference, id), value, params, m_sample.items);
        if (params && sizeOf(params->type) == 1) {
            partial.codes = kernels::countCodes(bytesOf(value));
        }
    }

    bool measuresShadow(std::size_t i) const
    {
        const ResolvedOperator& resolved = m_network.plan.operators[i];
        return m_task.shadow && m_task.accumulated[i]
            && (resolved.kind != QuantizedKind::None || resolved.effective.isLowFloat());
    }

    /// The FP32 form on what the quantized pipeline handed to the operator.
    void measureShadow(std::size_t i)
    {
        const Operator& op = m_graph.operators[i];
        const ValueId id = op.result();
        SampleValues reals(m_values.size());
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k]) {
                reals[indexOf(op.inputs[k])] = realOf(op.inputs[k]);
            }
        }
        m_pipeline->runFloat(OperatorId(i), m_quantizedSample, reals);
        const Tensor& reference = reals[indexOf(id)];
        if (reference.type() == DataType::Float32) {
            m_partial.accumulated[i].shadow = compareTensors(
                asReadersSee(reference, id), m_values[indexOf(id)],
                m_network.plan.operators[i].writesCodes ? &m_network.plan.values[indexOf(id)]->params
                                                        : nullptr,
                m_sample.items);
        }
    }

    void measureIsolated(std::size_t i)
    {
        const Operator& op = m_graph.operators[i];
        const ResolvedOperator& resolved = m_network.plan.operators[i];
        const auto& value = m_network.plan.values[indexOf(op.result())];
        const Tensor& reference = m_reference[indexOf(op.result())];
        if (resolved.kind != QuantizedKind::None || resolved.effective.isLowFloat()) {
            const auto [quantizedOutput, shadow] = m_pipeline->runIsolated(
                OperatorId(i), m_network.plan, *formOf(i), m_sample, m_reference, &m_rounded);
            m_partial.isolated[i].sums =
                compareTensors(asReadersSee(shadow, op.result()), quantizedOutput,
                               resolved.writesCodes ? &value->params : nullptr, m_sample.items);
        }
        if (value && reference.type() == DataType::Float32) {
            m_partial.isolated[i].split =
                splitOf(asReadersSee(reference, op.result()), paramsOf(*value, reference), m_sample.items);
        }
    }

    Tensor realOf(ValueId id) const
    {
        const Tensor& value = m_values[indexOf(id)];
        return m_network.plan.isCodes(m_graph, id)
            ? dequantized(value, m_network.plan.values[indexOf(id)]->params)
            : value;
    }

    void measureOutputs()
    {
        if (!m_task.outputs) {
            return;
        }
        for (const MeasuredOutput& output : m_network.outputs) {
            m_partial.outputs.push_back(compareOutputs(output, m_reference[indexOf(output.value)],
                                                       realOf(output.value), m_sample.items));
        }
        if (m_network.classifier) {
            const Tensor fp32 = toLayout(m_reference[indexOf(*m_network.classifier)], Layout::RowMajor);
            m_partial.fp32 = predictionsOf(fp32, m_sample);
            m_partial.quantized =
                predictionsOf(toLayout(realOf(*m_network.classifier), Layout::RowMajor), m_sample);
            for (std::size_t item = 0; item < m_partial.fp32.size(); ++item) {
                const bool labelled = item < m_sample.labels.size() && m_sample.labels[item];
                m_partial.labels.push_back(labelled ? *m_sample.labels[item] : -1);
            }
        }
        if (m_network.metric) {
            m_partial.metric = evidenceOf(
                m_network, m_index, m_sample, [&](ValueId id) { return m_reference[indexOf(id)]; },
                [&](ValueId id) { return realOf(id); });
        }
    }

    void feedStatesBack()
    {
        m_states = {};
        for (const StateLink& state : m_network.states) {
            m_states.fp32.push_back(toLayout(m_reference[indexOf(state.output)], Layout::RowMajor));
            m_states.quantized.push_back(toLayout(realOf(state.output), Layout::RowMajor));
        }
    }

    /// Made anew where this sample has shapes of its own.
    std::shared_ptr<const Executable> formOf(std::size_t op) const
    {
        return m_pipeline.get() == &m_network.pipeline
            ? m_network.forms[op]
            : m_pipeline->quantizedForm(OperatorId(op), m_network.plan);
    }

    const PreparedNetwork& m_network;
    ActivationCache& m_cache;
    const EvaluationTask& m_task;
    const std::shared_ptr<const Pipeline> m_pipeline;
    const OperatorGraph& m_graph;
    const std::size_t m_index;
    const Sample m_sample;
    std::vector<bool> m_needed; // FP32 values that something asked for compares with, by ValueId
    const Sample m_quantizedSample; // differs in the states
    Feedback& m_states;
    SampleValues m_reference;
    SampleValues m_values;
    RoundedValues m_rounded; // of m_reference
    SamplePartial m_partial;
};

} // namespace

SamplePartial runSample(const PreparedNetwork& network, const EvaluationData& over,
                        const EvaluationTask& task, std::size_t index, Feedback& states)
{
    return SampleRun(network, over, task, index, over.data.load(index), states).run();
}

} // namespace core
