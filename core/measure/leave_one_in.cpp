#include "core/measure/leave_one_in.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"
#include "core/network/downstream.h"
#include "core/report/non_finite.h"

namespace core {

namespace {

using OperatorSums = std::vector<std::vector<kernels::ErrorSums>>;

} // namespace

LeaveOneIn::LeaveOneIn(const OperatorGraph& graph, OperatorId op, const std::vector<StateLink>& states)
    : m_graph(graph)
    , m_op(op)
    , m_states(states)
    , m_behind(downstreamOf(graph, op))
{
    std::vector<bool> again(graph.operators.size(), false);
    again[indexOf(op)] = true;
    for (const std::size_t reader : m_behind) {
        again[reader] = true;
    }
    for (const StateLink& state : states) {
        again[indexOf(state.inputOperator)] = true;
        for (const std::size_t reader : downstreamOf(graph, state.inputOperator)) {
            again[reader] = true;
        }
    }
    for (std::size_t i = 0; i < again.size(); ++i) {
        if (again[i]) {
            m_behindStates.push_back(i);
        }
    }
}

SampleValues LeaveOneIn::run(const Pipeline& pipeline, const ResolvedPlan& plan, const Executable& form,
                             const Sample& sample, const SampleValues& reference,
                             std::vector<Tensor>& fedBack) const
{
    SampleValues values = reference;
    if (fedBack.empty()) {
        pipeline.runAlone(m_op, plan, form, sample, values);
        for (const std::size_t i : m_behind) {
            pipeline.runFloat(OperatorId(i), sample, values);
        }
    } else {
        const Sample step = withState(sample, m_states, fedBack);
        for (const std::size_t i : m_behindStates) {
            if (i == indexOf(m_op)) {
                pipeline.runAlone(m_op, plan, form, step, values);
            } else {
                pipeline.runFloat(OperatorId(i), step, values);
            }
        }
    }
    fedBack.clear();
    for (const StateLink& state : m_states) {
        fedBack.push_back(toLayout(values[indexOf(state.output)], Layout::RowMajor));
    }
    return values;
}

std::optional<OperatorSums> measureSensitivity(const Pipeline& pipeline, const ResolvedPlan& plan,
                                               const std::vector<std::shared_ptr<const Executable>>& forms,
                                               const std::vector<bool>& wanted,
                                               const std::vector<MeasuredOutput>& outputs,
                                               const Dataset& data, std::size_t samples, int threads,
                                               const std::stop_token& stop, const ProgressCallback& progress,
                                               const std::vector<StateLink>& states)
{
    const OperatorGraph& graph = pipeline.graph();
    OperatorSums total(wanted.size(), std::vector<kernels::ErrorSums>(outputs.size()));
    std::vector<std::optional<LeaveOneIn>> alone(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i]) {
            alone[i].emplace(graph, OperatorId(i), states);
        }
    }
    OrderedMerge<OperatorSums> merge([&](std::size_t, OperatorSums&& sample) {
        for (std::size_t i = 0; i < total.size(); ++i) {
            for (std::size_t k = 0; wanted[i] && k < outputs.size(); ++k) {
                total[i][k].merge(sample[i][k]);
            }
        }
    });
    const auto work = [&](std::size_t index, Feedback& feedback) {
        const Sample sample = withState(data.load(index), states, feedback.fp32);
        const auto fitting = pipeline.forSample(sample);
        const SampleValues reference = fitting->runFloat(sample);
        feedback.fp32.clear();
        for (const StateLink& state : states) {
            feedback.fp32.push_back(toLayout(reference[indexOf(state.output)], Layout::RowMajor));
        }
        feedback.alone.resize(wanted.size());
        OperatorSums sums(wanted.size());
        for (std::size_t i = 0; i < wanted.size() && !stop.stop_requested(); ++i) {
            if (!wanted[i]) {
                continue;
            }
            const auto form =
                fitting.get() == &pipeline ? forms[i] : fitting->quantizedForm(OperatorId(i), plan);
            const SampleValues values =
                alone[i]->run(*fitting, plan, *form, sample, reference, feedback.alone[i]);
            for (const MeasuredOutput& output : outputs) {
                sums[i].push_back(compareOutputs(output, reference[indexOf(output.value)],
                                                 values[indexOf(output.value)], sample.items));
            }
        }
        if (!stop.stop_requested()) {
            merge.add(index, std::move(sums));
        }
    };
    const auto onDone = [&](std::size_t done) {
        if (progress) {
            progress({"Sensitivity", done, samples});
        }
    };
    return forEachStep(data, samples, states, threads, stop, work, onDone) && !stop.stop_requested()
        ? std::optional(std::move(total))
        : std::nullopt;
}

const kernels::ErrorSums& decisiveError(const std::vector<kernels::ErrorSums>& sums,
                                        const std::vector<MeasuredOutput>& outputs)
{
    std::size_t best = 0;
    double worst = -1.0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (outputs[i].kind == "logits") {
            return sums[i];
        }
        const double ratio = relativeError(sums[i].totalSquaredError(), sums[i].totalSquaredReference());
        if (ratio > worst) {
            worst = ratio;
            best = i;
        }
    }
    return sums[best];
}

} // namespace core
