#include "core/measure/leave_one_in.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"
#include "core/network/sequence.h"
#include "core/report/non_finite.h"

namespace core {

namespace {

/// Operators that depend on what `source` writes, in execution order.
std::vector<std::size_t> downstreamOf(const OperatorGraph& graph, std::size_t source)
{
    std::vector<bool> reached(graph.operators.size(), false);
    reached[source] = true;
    std::vector<std::size_t> result;
    for (std::size_t i = source; i < graph.operators.size(); ++i) {
        if (!reached[i]) {
            continue;
        }
        if (i != source) {
            result.push_back(i);
        }
        for (const ValueId output : graph.operators[i].outputs) {
            if (output != kNoValue) {
                for (const OperatorId reader : graph.consumersOf[indexOf(output)]) {
                    reached[indexOf(reader)] = true;
                }
            }
        }
    }
    return result;
}

using OperatorSums = std::vector<std::vector<kernels::ErrorSums>>;

} // namespace

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
    std::vector<std::vector<std::size_t>> downstream(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i]) {
            downstream[i] = downstreamOf(graph, i);
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
        // States are those of the FP32 pipeline: this is about one operator in one step.
        const Sample sample = withState(data.load(index), states, feedback.fp32);
        const auto fitting = pipeline.forSample(sample);
        const SampleValues reference = fitting->runFloat(sample);
        feedback.fp32.clear();
        for (const StateLink& state : states) {
            feedback.fp32.push_back(toLayout(reference[indexOf(state.output)], Layout::RowMajor));
        }
        OperatorSums sums(wanted.size());
        for (std::size_t i = 0; i < wanted.size() && !stop.stop_requested(); ++i) {
            if (!wanted[i]) {
                continue;
            }
            SampleValues values = reference;
            const ValueId id = graph.operators[i].result();
            const auto form =
                fitting.get() == &pipeline ? forms[i] : fitting->quantizedForm(OperatorId(i), plan);
            const Tensor result = fitting->runIsolated(OperatorId(i), plan, *form, sample, reference).first;
            values[indexOf(id)] = plan.operators[i].writesCodes
                ? dequantized(result, plan.values[indexOf(id)]->params)
                : result;
            for (const std::size_t op : downstream[i]) {
                fitting->runFloat(OperatorId(op), sample, values);
            }
            for (const MeasuredOutput& output : outputs) {
                sums[i].push_back(compareTensors(reference[indexOf(output.value)],
                                                 values[indexOf(output.value)], nullptr, sample.items));
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
