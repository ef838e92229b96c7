#include "core/diagnosis/operator_probe.h"

#include "core/base/sample_loop.h"
#include "core/diagnosis/channel_means.h"
#include "core/diagnosis/disturbance.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/leave_one_in.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

double ratioOf(const kernels::ErrorSums& sums)
{
    const double signal = sums.totalSquaredReference();
    const double ratio = signal > 0.0 ? sums.totalSquaredError() / signal : 0.0;
    return std::isfinite(ratio) ? ratio : 0.0;
}

class Prober
{
public:
    Prober(const Pipeline& pipeline, const ResolvedPlan& plan, const std::vector<MeasuredOutput>& outputs,
           const Dataset& data, std::vector<std::size_t> samples, int threads)
        : m_pipeline(pipeline)
        , m_graph(pipeline.graph())
        , m_outputs(outputs)
        , m_disturbance(pipeline, plan, outputs)
        , m_data(data)
        , m_samples(std::move(samples))
        , m_threads(threads)
        , m_means(m_graph.operators.size())
    {
    }

    /// Every operator's own error, there and at the output. False when stopped.
    bool measureOwn(NetworkProbe& probe, const std::stop_token& stop, const ProgressCallback& progress)
    {
        struct Partial
        {
            std::vector<kernels::ErrorSums> own;
            std::vector<std::vector<kernels::ErrorSums>> atOutput;
            std::vector<ChannelMeans> means;
        };
        const std::size_t count = m_graph.operators.size();
        std::vector<kernels::ErrorSums> own(count);
        std::vector<std::vector<kernels::ErrorSums>> atOutput(
            count, std::vector<kernels::ErrorSums>(m_outputs.size()));
        OrderedMerge<Partial> merge([&](std::size_t, Partial&& p) {
            for (std::size_t i = 0; i < count; ++i) {
                if (m_disturbance.isMeasured(i)) {
                    own[i].merge(p.own[i]);
                    m_means[i].merge(p.means[i]);
                    for (std::size_t k = 0; k < m_outputs.size(); ++k) {
                        atOutput[i][k].merge(p.atOutput[i][k]);
                    }
                }
            }
        });
        const bool finished =
            forEach(stop, progress, "Probing", [&](std::size_t index, const Sample& sample) {
                const SampleValues reference = m_pipeline.runFloat(sample);
                Partial p{std::vector<kernels::ErrorSums>(count),
                          std::vector<std::vector<kernels::ErrorSums>>(count),
                          std::vector<ChannelMeans>(count)};
                for (std::size_t i = 0; i < count && !stop.stop_requested(); ++i) {
                    if (m_disturbance.isMeasured(i)) {
                        const auto [result, shadow] = m_disturbance.isolated(i, sample, reference);
                        p.own[i] = compareTensors(shadow, result, nullptr, sample.items);
                        p.means[i].add(result, shadow);
                        p.atOutput[i] = m_disturbance.propagated(i, sample, reference, result, shadow);
                    }
                }
                if (!stop.stop_requested()) {
                    merge.add(index, std::move(p));
                }
            });
        double total = 0.0;
        for (std::size_t i = 0; finished && i < count; ++i) {
            if (m_disturbance.isMeasured(i)) {
                OperatorProbe& op = probe.operators[i];
                op.measured = true;
                op.own = ratioOf(own[i]);
                op.atOutput = ratioOf(decisiveError(atOutput[i], m_outputs));
                op.meanShare = m_means[i].share();
                total += op.atOutput;
            }
        }
        for (OperatorProbe& op : probe.operators) {
            op.share = total > 0.0 ? op.atOutput / total : 0.0;
        }
        return finished;
    }

    /// The parts of some operators' errors at the output. False when stopped.
    bool measureParts(NetworkProbe& probe, const std::vector<std::size_t>& guilty,
                      const std::stop_token& stop, const ProgressCallback& progress)
    {
        using Sums = std::vector<std::vector<kernels::ErrorSums>>; // by part, by output
        std::vector<Forms> forms;
        for (const std::size_t i : guilty) {
            forms.push_back(formsOf(i));
        }
        const Sums none(kParts, std::vector<kernels::ErrorSums>(m_outputs.size()));
        std::vector<Sums> total(guilty.size(), none);
        OrderedMerge<std::vector<Sums>> merge([&](std::size_t, std::vector<Sums>&& sample) {
            for (std::size_t g = 0; g < guilty.size(); ++g) {
                for (std::size_t part = 0; part < kParts; ++part) {
                    for (std::size_t k = 0; k < m_outputs.size(); ++k) {
                        total[g][part][k].merge(sample[g][part][k]);
                    }
                }
            }
        });
        const bool finished =
            forEach(stop, progress, "Attributing", [&](std::size_t index, const Sample& sample) {
                const SampleValues reference = m_pipeline.runFloat(sample);
                std::vector<Sums> sums(guilty.size(), none);
                for (std::size_t g = 0; g < guilty.size() && !stop.stop_requested(); ++g) {
                    const std::size_t i = guilty[g];
                    for (const Step& step : stepsOf(i, forms[g], sample, reference)) {
                        sums[g][step.part] =
                            m_disturbance.propagated(i, sample, reference, step.after, step.before);
                    }
                }
                if (!stop.stop_requested()) {
                    merge.add(index, std::move(sums));
                }
            });
        for (std::size_t g = 0; finished && g < guilty.size(); ++g) {
            const auto at = [&](Part part) { return ratioOf(decisiveError(total[g][part], m_outputs)); };
            ErrorParts parts{at(Weights), at(Clip), at(Round), at(Arithmetic), at(WithoutMean)};
            parts.bias = at(Bias);
            parts.activationOnly = at(ActivationOnly);
            const double unNudged = at(RoundWithoutNudge);
            parts.nudge = unNudged > 0.0 ? parts.round - unNudged : 0.0;
            parts.saturation = at(Saturation);
            parts.table = m_disturbance.isTable(guilty[g]) ? parts.arithmetic : 0.0;
            parts.inputs = at(Inputs);
            probe.operators[guilty[g]].parts = parts;
        }
        return finished;
    }

private:
    enum Part : std::size_t
    {
        Weights,
        Clip,
        Round,
        Arithmetic,
        WithoutMean,
        Bias,
        ActivationOnly,
        RoundWithoutNudge,
        Saturation,
        Inputs,
        kParts
    };

    struct Step
    {
        Part part;
        Tensor after;
        Tensor before;
    };

    /// Forms of one operator with one thing less; those that do not apply are empty.
    struct Forms
    {
        std::optional<Executable> rounded; ///< FP32 with weights and bias as their codes say
        std::optional<Executable> roundedWeights; ///< the bias in FP32
        std::optional<Executable> exactSums;
    };

    Forms formsOf(std::size_t i) const
    {
        return {m_disturbance.withRoundedConstants(i), m_disturbance.withRoundedConstants(i, BiasIn::Float),
                m_disturbance.withExactSums(i)};
    }

    std::vector<Step> stepsOf(std::size_t i, const Forms& forms, const Sample& sample,
                              const SampleValues& reference) const
    {
        const auto [result, shadow] = m_disturbance.isolated(i, sample, reference);
        const Tensor weights =
            forms.rounded ? m_disturbance.runOnRealInputs(i, *forms.rounded, sample, reference) : shadow;
        const auto [clipped, codes] = m_disturbance.quantizedOutput(i, weights);
        std::vector<Step> steps{{Weights, weights, shadow},
                                {Clip, clipped, weights},
                                {Round, codes, clipped},
                                {Arithmetic, result, codes},
                                {WithoutMean, withoutMean(result, m_means[i]), shadow},
                                {ActivationOnly, m_disturbance.quantizedOutput(i, shadow).second, shadow},
                                {Inputs, shadow, reference[indexOf(m_graph.operators[i].result())]}};
        if (forms.roundedWeights) {
            steps.push_back(
                {Bias, weights, m_disturbance.runOnRealInputs(i, *forms.roundedWeights, sample, reference)});
        }
        if (auto unNudged = m_disturbance.withoutNudge(i, clipped)) {
            steps.push_back({RoundWithoutNudge, std::move(*unNudged), clipped});
        }
        if (forms.exactSums) {
            steps.push_back(
                {Saturation, result, m_disturbance.runExact(i, *forms.exactSums, sample, reference)});
        }
        return steps;
    }

    template <typename Work>
    bool forEach(const std::stop_token& stop, const ProgressCallback& progress, const char* stage,
                 Work work) const
    {
        return forEachSample(
                   m_samples.size(), m_threads, stop,
                   [&](std::size_t index) { work(index, m_data.load(m_samples[index])); },
                   [&](std::size_t done) {
                       if (progress) {
                           progress({stage, done, m_samples.size()});
                       }
                   })
            && !stop.stop_requested();
    }

    const Pipeline& m_pipeline;
    const OperatorGraph& m_graph;
    const std::vector<MeasuredOutput>& m_outputs;
    const Disturbance m_disturbance;
    const Dataset& m_data;
    std::vector<std::size_t> m_samples;
    int m_threads = 0;
    std::vector<ChannelMeans> m_means; ///< by OperatorId, of its own error
};

/// Evenly spread samples of the graph's own shapes.
std::vector<std::size_t> chosenSamples(const OperatorGraph& graph, const Dataset& data, std::size_t available,
                                       std::size_t wanted)
{
    std::vector<std::size_t> chosen;
    const std::size_t count = std::min(available, data.size());
    for (std::size_t k = 0; k < std::min(wanted, count); ++k) {
        const std::size_t index = k * count / std::min(wanted, count);
        const Sample sample = data.load(index);
        const auto& inputs = graph.graph->inputs();
        bool fits = sample.inputs.size() == inputs.size();
        for (std::size_t i = 0; fits && i < inputs.size(); ++i) {
            fits = sample.inputs[i].shape() == graph.value(inputs[i]).shape;
        }
        if (fits) {
            chosen.push_back(index);
        }
    }
    return chosen;
}

} // namespace

std::optional<NetworkProbe> probeOperators(const Pipeline& pipeline, const ResolvedPlan& plan,
                                           const std::vector<MeasuredOutput>& outputs, const Dataset& data,
                                           std::size_t available, const ProbeOptions& options,
                                           const std::stop_token& stop, const ProgressCallback& progress)
{
    NetworkProbe probe;
    probe.operators.resize(pipeline.graph().operators.size());
    std::vector<std::size_t> samples = chosenSamples(pipeline.graph(), data, available, options.samples);
    probe.samples = samples.size();
    if (samples.empty() || outputs.empty()) {
        return probe;
    }
    Prober prober(pipeline, plan, outputs, data, std::move(samples), options.threads);
    if (!prober.measureOwn(probe, stop, progress)) {
        return std::nullopt;
    }
    std::vector<std::size_t> guilty(probe.operators.size());
    std::iota(guilty.begin(), guilty.end(), std::size_t{0});
    std::erase_if(guilty, [&](std::size_t i) {
        return !probe.operators[i].measured || probe.operators[i].share < options.partsFrom;
    });
    std::ranges::stable_sort(guilty, std::greater<>{},
                             [&](std::size_t i) { return probe.operators[i].share; });
    guilty.resize(std::min(guilty.size(), options.mostParts));
    if (!prober.measureParts(probe, guilty, stop, progress)) {
        return std::nullopt;
    }
    return probe;
}

} // namespace core
