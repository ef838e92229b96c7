#include "core/session/tensor_capture.h"

#include <algorithm>

namespace core {

namespace {

bool isCaptured(const OperatorGraph& graph, const Operator& op)
{
    return op.result() != kNoValue && graph.value(op.result()).type == DataType::Float32;
}

Tensor realOf(const PreparedNetwork& network, const OperatorGraph& graph, ValueId id, const Tensor& value)
{
    const bool isCodes = network.plan.isCodes(graph, id);
    return toLayout(isCodes ? dequantized(value, network.plan.values[indexOf(id)]->params) : value,
                    Layout::RowMajor);
}

} // namespace

std::uint64_t capturedBytes(const OperatorGraph& graph, std::size_t samples)
{
    std::uint64_t elements = 0;
    for (const Operator& op : graph.operators) {
        if (isCaptured(graph, op)) {
            elements += static_cast<std::uint64_t>(
                std::max<std::int64_t>(elementCount(graph.value(op.result()).shape), 0));
        }
    }
    return elements * samples * 2 * sizeof(float);
}

std::optional<CapturedTensors> captureTensors(const PreparedNetwork& network, const Dataset& data,
                                              std::size_t samples, const std::stop_token& stop)
{
    CapturedTensors all;
    Feedback states;
    for (std::size_t index = 0; index < std::min(samples, data.size()); ++index) {
        if (data.startsSequence(index)) {
            states = {};
        }
        const Sample sample = data.load(index);
        const auto pipeline = network.pipeline.forSample(sample);
        const OperatorGraph& graph = pipeline->graph();
        const Sample quantizedSample = withState(sample, network.states, states.quantized);
        const SampleValues fp32 = pipeline->runFloat(withState(sample, network.states, states.fp32));
        SampleValues quantized(graph.graph->values().size());
        for (std::size_t i = 0; i < graph.operators.size(); ++i) {
            if (stop.stop_requested()) {
                return std::nullopt;
            }
            (void)pipeline->runQuantized(OperatorId(i), network.plan,
                                         *pipeline->quantizedForm(OperatorId(i), network.plan),
                                         quantizedSample, quantized);
        }
        for (const Operator& op : graph.operators) {
            if (isCaptured(graph, op)) {
                const std::size_t value = indexOf(op.result());
                all[{index, op.name}] = {toLayout(fp32[value], Layout::RowMajor),
                                         realOf(network, graph, op.result(), quantized[value])};
            }
        }
        states = {};
        for (const StateLink& state : network.states) {
            states.fp32.push_back(toLayout(fp32[indexOf(state.output)], Layout::RowMajor));
            states.quantized.push_back(
                realOf(network, graph, state.output, quantized[indexOf(state.output)]));
        }
    }
    return all;
}

} // namespace core
