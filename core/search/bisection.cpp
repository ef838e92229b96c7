#include "core/search/bisection.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"
#include "core/network/plan_entry.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

struct Energies
{
    double error = 0.0;
    double reference = 0.0;
    void add(const Energies& other)
    {
        error += other.error;
        reference += other.reference;
    }
    [[nodiscard]] double relative() const
    {
        return reference > 0.0 ? std::sqrt(error / reference) : (error > 0.0 ? INFINITY : 0.0);
    }
};

Tensor realOf(const PreparedNetwork& network, ValueId id, const Tensor& value)
{
    return network.plan.isCodes(network.graph(), id)
        ? dequantized(value, network.plan.values[indexOf(id)]->params)
        : value;
}

/// `real`: what stands in place of the FP32 value.
Energies compared(const OutputProbe::Values& values, ValueId id, const Tensor& real)
{
    const Tensor& y = values.fp32[indexOf(id)];
    if (!y.isDefined() || y.type() != DataType::Float32 || !real.isDefined()) {
        return {};
    }
    const auto sums = compareTensors(y, real, nullptr, values.sample.items);
    return {sums.totalSquaredError(), sums.totalSquaredReference()};
}

std::vector<OperatorId> producersOf(const OperatorGraph& graph, const Operator& op)
{
    std::vector<OperatorId> result;
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        if (op.inputs[k] != kNoValue && !op.constants[k]) {
            result.push_back(*graph.producerOf[indexOf(op.inputs[k])]);
        }
    }
    return result;
}

/// What the last operator depends on inside [first, last], itself included.
std::vector<OperatorId> ancestors(const OperatorGraph& graph, std::size_t first, std::size_t last)
{
    std::vector<bool> wanted(last + 1, false);
    wanted[last] = true;
    std::vector<OperatorId> result;
    for (std::size_t i = last + 1; i-- > first;) {
        if (!wanted[i]) {
            continue;
        }
        result.push_back(OperatorId(i));
        for (const OperatorId producer : graph.operators[i].type == "Input"
                 ? std::vector<OperatorId>{}
                 : producersOf(graph, graph.operators[i])) {
            wanted[indexOf(producer)] = true;
        }
    }
    std::ranges::reverse(result);
    return result;
}

class Bisection
{
public:
    Bisection(const OutputProbe& probe, double bound, const std::stop_token& stop,
              const ProgressCallback& progress)
        : m_probe(probe)
        , m_graph(probe.network().graph())
        , m_bound(bound)
        , m_stop(stop)
        , m_progress(progress)
    {
    }

    std::optional<FailingSubgraph> run()
    {
        const auto last = firstFailing();
        if (!last) {
            return std::nullopt;
        }
        std::size_t first = 0; // fails from here on
        std::size_t passes = *last + 1;
        while (passes > first + 1) {
            const std::size_t middle = first + (passes - first) / 2;
            const auto fails = failsAlone(ancestors(m_graph, middle, *last));
            if (!fails) {
                return std::nullopt;
            }
            (*fails ? first : passes) = middle;
        }
        std::vector<OperatorId> part = ancestors(m_graph, first, *last);
        if (!takeAway(part)) {
            return std::nullopt;
        }
        return conclude(part);
    }

private:
    std::optional<std::size_t> firstFailing()
    {
        const PreparedNetwork& network = m_probe.network();
        std::vector<Energies> sums(m_graph.operators.size());
        OrderedMerge<std::vector<Energies>> merge([&](std::size_t, std::vector<Energies>&& part) {
            for (std::size_t i = 0; i < part.size(); ++i) {
                sums[i].add(part[i]);
            }
        });
        const bool finished = forEachSample(
            m_probe.samples(), network.threads, m_stop,
            [&](std::size_t index) {
                const OutputProbe::Values values = m_probe.values(index);
                std::vector<Energies> part;
                for (const Operator& op : m_graph.operators) {
                    const Tensor& value = values.quantized[indexOf(op.result())];
                    part.push_back(compared(values, op.result(),
                                            value.isDefined() ? realOf(network, op.result(), value) : value));
                }
                merge.add(index, std::move(part));
            },
            {});
        for (std::size_t i = 0; i < sums.size() && finished; ++i) {
            if (!(sums[i].relative() <= m_bound)) { // NaN fails, too
                m_accumulated = sums[i].relative();
                return i;
            }
        }
        return std::nullopt;
    }

    std::optional<bool> failsAlone(const std::vector<OperatorId>& operators)
    {
        const auto relative = relativeL2Alone(m_probe, operators, m_stop);
        ++m_evaluations;
        if (m_progress) {
            m_progress({"Bisecting", m_evaluations, 0});
        }
        return relative ? std::optional(!(*relative <= m_bound)) : std::nullopt;
    }

    /// Entries read nothing from the part; taking one away leaves a part that is still connected to its
    /// output.
    bool takeAway(std::vector<OperatorId>& part)
    {
        for (std::size_t i = 0; i + 1 < part.size();) {
            const std::vector<OperatorId> producers = m_graph.at(part[i]).type == "Input"
                ? std::vector<OperatorId>{}
                : producersOf(m_graph, m_graph.at(part[i]));
            const bool isEntry = std::ranges::none_of(
                producers, [&](OperatorId p) { return std::ranges::find(part, p) != part.end(); });
            if (!isEntry) {
                ++i;
                continue;
            }
            std::vector<OperatorId> rest = part;
            rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
            const auto fails = failsAlone(rest);
            if (!fails) {
                return false;
            }
            if (*fails) {
                part = std::move(rest);
                i = 0; // what read from it may be an entry now
            } else {
                ++i;
            }
        }
        return true;
    }

    std::optional<FailingSubgraph> conclude(const std::vector<OperatorId>& part)
    {
        const auto relative = relativeL2Alone(m_probe, part, m_stop);
        if (!relative) {
            return std::nullopt;
        }
        FailingSubgraph result{
            part,         {}, m_graph.at(part.back()).result(), *relative, m_accumulated, m_probe.samples(),
            m_evaluations};
        for (const OperatorId id : part) {
            const Operator& op = m_graph.at(id);
            if (op.type == "Input") {
                result.inputs.push_back(op.result());
                continue;
            }
            for (std::size_t k = 0; k < op.inputs.size(); ++k) {
                const bool isOutside = op.inputs[k] != kNoValue && !op.constants[k]
                    && std::ranges::find(part, *m_graph.producerOf[indexOf(op.inputs[k])]) == part.end();
                if (isOutside && std::ranges::find(result.inputs, op.inputs[k]) == result.inputs.end()) {
                    result.inputs.push_back(op.inputs[k]);
                }
            }
        }
        return result;
    }

    const OutputProbe& m_probe;
    const OperatorGraph& m_graph;
    const double m_bound;
    const std::stop_token& m_stop;
    const ProgressCallback& m_progress;
    double m_accumulated = 0.0;
    std::size_t m_evaluations = 0;
};

} // namespace

Tensor outputAlone(const PreparedNetwork& network, const OutputProbe::Values& values,
                   const std::vector<OperatorId>& operators)
{
    const Pipeline& pipeline = *values.pipeline;
    const OperatorGraph& graph = pipeline.graph();
    SampleValues own(values.fp32.size());
    for (const OperatorId id : operators) {
        const Operator& op = graph.at(id);
        for (std::size_t k = 0; k < op.inputs.size() && op.type != "Input"; ++k) {
            if (op.inputs[k] == kNoValue || op.constants[k] || own[indexOf(op.inputs[k])].isDefined()) {
                continue;
            }
            const std::size_t value = indexOf(op.inputs[k]);
            own[value] = network.plan.isCodes(graph, op.inputs[k])
                ? quantized(values.fp32[value], network.plan.values[value]->params)
                : values.fp32[value];
        }
        pipeline.runQuantized(id, network.plan, *pipeline.quantizedForm(id, network.plan), values.sample,
                              own);
    }
    const ValueId output = graph.at(operators.back()).result();
    return realOf(network, output, own[indexOf(output)]);
}

std::optional<double> relativeL2Alone(const OutputProbe& probe, const std::vector<OperatorId>& operators,
                                      const std::stop_token& stop)
{
    Energies total;
    OrderedMerge<Energies> merge([&](std::size_t, Energies&& part) { total.add(part); });
    const bool finished = forEachSample(
        probe.samples(), probe.network().threads, stop,
        [&](std::size_t index) {
            const OutputProbe::Values values = probe.values(index);
            const ValueId output = probe.network().graph().at(operators.back()).result();
            merge.add(index, compared(values, output, outputAlone(probe.network(), values, operators)));
        },
        {});
    return finished ? std::optional(total.relative()) : std::nullopt;
}

std::optional<FailingSubgraph> findFailingSubgraph(const OutputProbe& probe, double bound,
                                                   const std::stop_token& stop,
                                                   const ProgressCallback& progress)
{
    return Bisection(probe, bound, stop, progress).run();
}

QuantizationPlan planOfPart(const PreparedNetwork& network, const FailingSubgraph& part)
{
    const OperatorGraph& graph = network.graph();
    QuantizationPlan plan = network.wishes;
    plan.operators.clear();
    plan.inputs.clear();
    // The range that a value has, by whoever chose it: its producer, or the one that the producer inherits
    // from.
    const auto withRange = [&](ValueId id, OperatorSettings settings) {
        const auto& value = network.plan.values[indexOf(id)];
        if (value && !value->isDynamic) {
            settings.activation.method = parseCalibrationMethod("manual");
            settings.activation.range = value->threshold;
        }
        return settings;
    };
    for (const OperatorId id : part.operators) {
        const Operator& op = graph.at(id);
        if (op.type == "Input") {
            continue; // is among the inputs
        }
        OperatorSettings settings = settingsOf(network.wishes, op);
        if (network.plan.operators[indexOf(id)].inherits) {
            settings.activation = {};
            plan.operators[op.name] = settings;
        } else {
            plan.operators[op.name] = withRange(op.result(), settings);
        }
    }
    for (const ValueId id : part.inputs) {
        const Operator* source = &graph.at(*graph.producerOf[indexOf(id)]);
        while (network.plan.operators[indexOf(*graph.producerOf[indexOf(source->result())])].inherits) {
            source = &graph.at(*graph.producerOf[indexOf(source->inputs[0])]);
        }
        OperatorSettings settings = withRange(id, settingsOf(network.wishes, *source));
        // As codes where an integer operator reads it, whatever its producer was.
        settings.precision = network.plan.values[indexOf(id)] ? kInt8 : kFp32;
        plan.inputs[graph.value(id).name] = settings;
    }
    plan.quantizeOutputs = network.plan.isCodes(graph, part.output);
    return plan;
}

} // namespace core
