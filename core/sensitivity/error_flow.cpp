#include "core/sensitivity/error_flow.h"

#include "core/base/sample_loop.h"
#include "core/measure/layer_metrics.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr double kChange = 1.1; // of the relative error, before an operator is called amplifier or absorber

bool isReal(const OperatorGraph& graph, const Operator& op, std::size_t k)
{
    return op.inputs[k] != kNoValue && !op.constants[k]
        && graph.value(op.inputs[k]).type == DataType::Float32;
}

double errorEnergy(const Tensor& y, const Tensor& other, std::int64_t items)
{
    return compareTensors(y, other, nullptr, items).totalSquaredError();
}

/// One sample through all operators.
class SampleFlow
{
public:
    SampleFlow(const PreparedNetwork& network, const OutputProbe::Values& values)
        : m_network(network)
        , m_values(values)
        , m_graph(values.pipeline->graph())
        , m_real(values.quantized.size())
    {
    }

    std::vector<OperatorFlow> run(const std::stop_token& stop)
    {
        std::vector<OperatorFlow> flow(m_graph.operators.size());
        for (std::size_t i = 0; i < flow.size() && !stop.stop_requested(); ++i) {
            measure(OperatorId(i), flow[i]);
        }
        return flow;
    }

private:
    void measure(OperatorId id, OperatorFlow& flow)
    {
        const Operator& op = m_graph.at(id);
        for (const ValueId output : op.outputs) {
            if (output != kNoValue && m_values.quantized[indexOf(output)].isDefined()) {
                const Tensor& value = m_values.quantized[indexOf(output)];
                m_real[indexOf(output)] = m_network.plan.isCodes(m_graph, output)
                    ? dequantized(value, m_network.plan.values[indexOf(output)]->params)
                    : value;
            }
        }
        const ValueId result = op.result();
        const Tensor& y = m_values.fp32[indexOf(result)];
        const Tensor& real = m_real[indexOf(result)];
        if (!y.isDefined() || !real.isDefined() || y.type() != DataType::Float32) {
            return;
        }
        const std::int64_t items = m_values.sample.items;
        const Tensor carried = runOn(id, m_values.pipeline->inputsOf(id, m_real, m_values.quantizedSample));
        const kernels::ErrorSums out = compareTensors(y, real, nullptr, items);
        flow.squaredReference = out.totalSquaredReference();
        flow.squaredOut = out.totalSquaredError();
        flow.squaredCarried = errorEnergy(y, carried, items);
        flow.squaredOwn = errorEnergy(carried, real, items);
        flow.squaredWeights = flow.squaredOwn;
        if (m_network.plan.operators[indexOf(id)].writesCodes) {
            const QuantizationParams& params = m_network.plan.values[indexOf(result)]->params;
            flow.squaredWeights = errorEnergy(dequantized(quantized(carried, params), params), real, items);
        }
        measureEdges(id, y, flow);
    }

    void measureEdges(OperatorId id, const Tensor& y, OperatorFlow& flow)
    {
        const Operator& op = m_graph.at(id);
        const std::int64_t items = m_values.sample.items;
        std::vector<std::size_t> positions;
        for (std::size_t k = 0; k < op.inputs.size() && op.type != "Input"; ++k) {
            if (isReal(m_graph, op, k)) {
                positions.push_back(k);
            }
        }
        const std::vector<Tensor> inputs = m_values.pipeline->inputsOf(id, m_values.fp32, m_values.sample);
        for (const std::size_t k : positions) {
            const std::size_t value = indexOf(op.inputs[k]);
            const Tensor& x = m_values.fp32[value];
            FlowEdge edge;
            edge.value = op.inputs[k];
            edge.squaredIn = errorEnergy(x, m_real[value], items);
            edge.squaredOut = positions.size() == 1
                ? flow.squaredCarried
                : errorEnergy(y, runWith(id, inputs, k, m_real[value]), items);
            flow.edges.push_back(edge);
        }
    }

    Tensor runWith(OperatorId id, std::vector<Tensor> inputs, std::size_t position, const Tensor& input) const
    {
        inputs[position] = input;
        return runOn(id, inputs);
    }

    Tensor runOn(OperatorId id, const std::vector<Tensor>& inputs) const
    {
        const Operator& op = m_graph.at(id);
        const auto position =
            static_cast<std::size_t>(std::ranges::find(op.outputs, op.result()) - op.outputs.begin());
        return m_values.pipeline->floatForm(id).run(inputs)[position];
    }

    const PreparedNetwork& m_network;
    const OutputProbe::Values& m_values;
    const OperatorGraph& m_graph;
    SampleValues m_real; ///< of the quantized pipeline, dequantized
};

void add(OperatorFlow& total, const OperatorFlow& part)
{
    total.squaredReference += part.squaredReference;
    total.squaredOut += part.squaredOut;
    total.squaredCarried += part.squaredCarried;
    total.squaredOwn += part.squaredOwn;
    total.squaredWeights += part.squaredWeights;
    total.edges.resize(std::max(total.edges.size(), part.edges.size()));
    for (std::size_t k = 0; k < part.edges.size(); ++k) {
        total.edges[k].value = part.edges[k].value;
        total.edges[k].squaredIn += part.edges[k].squaredIn;
        total.edges[k].squaredOut += part.edges[k].squaredOut;
    }
}

double pairSum(std::span<const double> energies)
{
    double sum = 0.0;
    for (std::size_t a = 0; a < energies.size(); ++a) {
        for (std::size_t b = a + 1; b < energies.size(); ++b) {
            sum += 2.0 * std::sqrt(energies[a] * energies[b]);
        }
    }
    return sum;
}

void conclude(ErrorFlow& flow, const OperatorGraph& graph)
{
    for (OperatorFlow& op : flow.operators) {
        double in = 0.0;
        double reference = 0.0;
        double alone = 0.0;
        std::vector<double> energies;
        for (const FlowEdge& edge : op.edges) {
            in += edge.squaredIn;
            alone += edge.squaredOut;
            energies.push_back(edge.squaredOut);
            reference += flow.operators[indexOf(*graph.producerOf[indexOf(edge.value)])].squaredReference;
        }
        const double pairs = pairSum(energies);
        op.interference = pairs > 0.0 ? std::clamp((op.squaredCarried - alone) / pairs, -1.0, 1.0) : 0.0;
        if (in > 0.0 && reference > 0.0 && op.squaredReference > 0.0) {
            op.gain = std::sqrt((op.squaredCarried / op.squaredReference) / (in / reference));
        }
        op.role = op.squaredOut <= 0.0              ? FlowRole::None
            : op.squaredOwn >= op.squaredCarried    ? FlowRole::Source
            : op.gain.value_or(1.0) > kChange       ? FlowRole::Amplifier
            : op.gain.value_or(1.0) < 1.0 / kChange ? FlowRole::Absorber
                                                    : FlowRole::Carrier;
    }
}

} // namespace

std::string_view wordFor(FlowRole role)
{
    switch (role) {
    case FlowRole::None:
        return "";
    case FlowRole::Source:
        return "source";
    case FlowRole::Amplifier:
        return "amplifier";
    case FlowRole::Absorber:
        return "absorber";
    case FlowRole::Carrier:
        return "carrier";
    }
    return "";
}

std::optional<ErrorFlow> measureErrorFlow(const OutputProbe& probe, std::size_t samples,
                                          const std::stop_token& stop, const ProgressCallback& progress)
{
    const PreparedNetwork& network = probe.network();
    const std::size_t count = std::min(samples, probe.samples());
    ErrorFlow flow{std::vector<OperatorFlow>(network.graph().operators.size()), count};
    OrderedMerge<std::vector<OperatorFlow>> merge([&](std::size_t, std::vector<OperatorFlow>&& part) {
        for (std::size_t i = 0; i < part.size(); ++i) {
            add(flow.operators[i], part[i]);
        }
    });
    const auto work = [&](std::size_t index) {
        const OutputProbe::Values values = probe.values(index);
        merge.add(index, SampleFlow(network, values).run(stop));
    };
    const auto onDone = [&](std::size_t done) {
        if (progress) {
            progress({"Error flow", done, count});
        }
    };
    if (!forEachSample(count, network.threads, stop, work, onDone) || stop.stop_requested()) {
        return std::nullopt;
    }
    conclude(flow, network.graph());
    return flow;
}

std::vector<double> predictErrors(const ErrorFlow& flow, const OperatorGraph& graph,
                                  std::span<const double> own)
{
    std::vector<double> errors(flow.operators.size());
    for (std::size_t i = 0; i < errors.size(); ++i) {
        std::vector<double> carried;
        for (const FlowEdge& edge : flow.operators[i].edges) {
            carried.push_back(edge.gain() * errors[indexOf(*graph.producerOf[indexOf(edge.value)])]);
        }
        errors[i] = own[i] + flow.operators[i].interference * pairSum(carried);
        for (const double energy : carried) {
            errors[i] += energy;
        }
        errors[i] = std::max(errors[i], 0.0);
    }
    return errors;
}

} // namespace core
