#include "core/session/both_pipelines.h"

#include "core/base/sample_loop.h"

namespace core {

std::size_t sequenceStart(const PreparedNetwork& network, const Dataset& data, std::size_t sample)
{
    std::size_t start = sample;
    while (!network.states.empty() && start > 0 && !data.startsSequence(start)) {
        --start;
    }
    return start;
}

std::optional<BothValues> runBoth(const PreparedNetwork& p, const Dataset& data, std::size_t index,
                                  std::optional<OperatorId> last, Feedback& states,
                                  const std::stop_token& stop)
{
    const std::vector<StateLink>& links = p.states;
    const Sample sample = data.load(index);
    const Sample quantizedSample = withState(sample, links, states.quantized);
    const auto pipeline = p.pipeline.forSample(sample);
    const OperatorGraph& g = pipeline->graph();
    BothValues values{{}, SampleValues(g.graph->values().size())};
    const std::size_t end = last ? indexOf(*last) + 1 : g.operators.size();
    for (std::size_t i = 0; i < end; ++i) {
        if (stop.stop_requested()) {
            return std::nullopt;
        }
        pipeline->runQuantized(OperatorId(i), p.plan, *pipeline->quantizedForm(OperatorId(i), p.plan),
                               quantizedSample, values.quantized);
    }
    values.fp32 = pipeline->runFloat(withState(sample, links, states.fp32));
    states = {};
    for (const StateLink& state : links) {
        const std::size_t id = indexOf(state.output);
        const Tensor& codes = values.quantized[id];
        states.fp32.push_back(toLayout(values.fp32[id], Layout::RowMajor));
        if (codes.isDefined()) {
            states.quantized.push_back(toLayout(
                p.plan.isCodes(g, state.output) ? dequantized(codes, p.plan.values[id]->params) : codes,
                Layout::RowMajor));
        }
    }
    return values;
}

} // namespace core
