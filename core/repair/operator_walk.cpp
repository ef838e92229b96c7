#include "core/repair/operator_walk.h"

#include "core/base/error.h"
#include "core/base/sample_loop.h"
#include "core/execution/pipeline.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace core {

namespace {

/// Drops values behind their last reader.
class Lifetimes
{
public:
    explicit Lifetimes(const OperatorGraph& graph)
        : m_graph(graph)
        , m_last(graph.graph->values().size(), 0)
    {
        for (std::size_t i = 0; i < m_last.size(); ++i) {
            for (const OperatorId reader : graph.consumersOf[i]) {
                m_last[i] = std::max(m_last[i], indexOf(reader));
            }
        }
    }
    void dropBehind(OperatorId id, SampleValues& values) const
    {
        for (const auto& ids : {m_graph.at(id).inputs, m_graph.at(id).outputs}) {
            for (const ValueId value : ids) {
                if (value != kNoValue && m_last[indexOf(value)] <= indexOf(id)) {
                    values[indexOf(value)] = {};
                }
            }
        }
    }

private:
    const OperatorGraph& m_graph;
    std::vector<std::size_t> m_last; // by ValueId: last operator that reads it
};

std::vector<Sample> loaded(const Dataset& data, std::size_t count, const Graph& graph)
{
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < std::min(count, data.size()); ++i) {
        samples.push_back(data.load(i));
        for (std::size_t k = 0; k < samples.back().inputs.size(); ++k) {
            if (samples.back().inputs[k].shape() != graph.value(graph.inputs()[k]).shape) {
                throw Error(
                    ErrorKind::ShapeMismatch,
                    fmt::format("{}: {} where the network takes {}: give all calibration samples one shape",
                                data.sampleName(i), toString(samples.back().inputs[k].shape()),
                                toString(graph.value(graph.inputs()[k]).shape)));
            }
        }
    }
    return samples;
}

} // namespace

bool walkOperators(Session& session, QuantizationPlan& plan, std::size_t samples,
                   const std::function<bool(const WalkStep&, QuantizationPlan&)>& visit,
                   const std::stop_token& stop, const ProgressCallback& progress)
{
    auto resolved = session.resolve(plan, stop, progress);
    if (!resolved) {
        return false;
    }
    const Pipeline pipeline(session.operators(plan));
    const OperatorGraph& graph = pipeline.graph();
    const std::vector<Sample> data = loaded(*session.data().calibration, samples, *graph.graph);
    const Lifetimes lifetimes(graph);
    std::vector<SampleValues> fp32(data.size(), SampleValues(graph.graph->values().size()));
    std::vector<SampleValues> quantizedValues = fp32;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const auto id = OperatorId(i);
        const Operator& op = graph.at(id);
        if (progress) {
            progress({"Repairing", i, graph.operators.size()});
        }
        const bool isVisited =
            resolved->operators[i].kind == QuantizedKind::Linear && resolved->operators[i].weights;
        if (isVisited && !data.empty()) {
            const std::size_t source = indexOf(op.inputs[0]);
            const ResolvedValue& value = *resolved->values[source];
            std::vector<Tensor> reals;
            std::vector<Tensor> approximations;
            for (std::size_t s = 0; s < data.size(); ++s) {
                reals.push_back(fp32[s][source]);
                Tensor codes = quantizedValues[s][source];
                if (!resolved->isCodes(graph, op.inputs[0]) && !value.isDynamic) { // its reader quantizes it
                    codes = quantized(codes, value.params);
                }
                approximations.push_back(value.isDynamic ? codes : dequantized(codes, value.params));
            }
            if (visit({graph, *resolved, id, reals, approximations}, plan)) {
                resolved = session.resolve(plan, stop, {});
                if (!resolved) {
                    return false;
                }
            }
        }
        const auto form = pipeline.quantizedForm(id, *resolved);
        const bool finished = forEachSample(
            data.size(), 0, stop,
            [&](std::size_t s) {
                pipeline.runFloat(id, data[s], fp32[s]);
                (void)pipeline.runQuantized(id, *resolved, *form, data[s], quantizedValues[s]);
                lifetimes.dropBehind(id, fp32[s]);
                lifetimes.dropBehind(id, quantizedValues[s]);
            },
            [](std::size_t) {});
        if (!finished) {
            return false;
        }
    }
    return true;
}

} // namespace core
