#include "core/sensitivity/local_changes.h"

#include "core/execution/executable.h"
#include "core/sensitivity/reverse_parts.h"

#include <algorithm>

namespace core {

LocalLeaveOut::LocalLeaveOut(const PreparedNetwork& base, std::shared_ptr<const PreparedNetwork> without,
                             OperatorId op)
    : m_base(base)
    , m_without(std::move(without))
    , m_op(op)
{
    for (std::size_t i = 0; i < indexOf(op); ++i) { // those that wrote codes for this operator alone
        if (m_without->plan.operators[i].key != base.plan.operators[i].key) {
            m_changed.push_back(i);
        }
    }
    m_changed.push_back(indexOf(op));
    for (const ValueId output : base.graph().at(op).outputs) {
        m_rounded.push_back(output != kNoValue && isRounded(output));
    }
}

bool LocalLeaveOut::isRounded(ValueId value) const
{
    const OperatorGraph& graph = m_base.graph();
    if (m_without->plan.isCodes(graph, value)) {
        return false; // is codes anyway
    }
    const auto& params = m_without->plan.values[indexOf(value)];
    if (!params || params->isDynamic) {
        return false;
    }
    return std::ranges::any_of(graph.consumersOf[indexOf(value)], [&](OperatorId reader) {
        const Operator& op = graph.at(reader);
        return m_without->plan.operators[indexOf(reader)].kind != QuantizedKind::None
            || (isReshape(op) && isRounded(op.result()));
    });
}

std::vector<LocalChange> LocalLeaveOut::on(const OutputProbe::Values& values, const SampleValues& reals) const
{
    const Pipeline& pipeline = *values.pipeline;
    const OperatorGraph& graph = pipeline.graph();
    SampleValues changed = values.quantized;
    for (const std::size_t i : m_changed) {
        const auto form = &pipeline == &m_base.pipeline
            ? m_without->forms[i]
            : pipeline.quantizedForm(OperatorId(i), m_without->plan);
        pipeline.runQuantized(OperatorId(i), m_without->plan, *form, values.quantizedSample, changed);
    }
    std::vector<LocalChange> result;
    const Operator& op = graph.at(m_op);
    for (std::size_t k = 0; k < op.outputs.size(); ++k) {
        const ValueId id = op.outputs[k];
        if (id == kNoValue || !reals[indexOf(id)].isDefined()
            || reals[indexOf(id)].type() != DataType::Float32) {
            continue;
        }
        Tensor now = changed[indexOf(id)];
        if (m_without->plan.isCodes(graph, id) || m_rounded[k]) {
            const QuantizationParams& params = m_without->plan.values[indexOf(id)]->params;
            now = dequantized(m_rounded[k] ? quantized(now, params) : now, params);
        }
        now = inKernelLayout(now);
        const auto a = reals[indexOf(id)].as<float>();
        const auto b = now.as<float>();
        result.push_back({id, filled(now.shape(), now.layout(), [&](std::size_t i) { return a[i] - b[i]; })});
    }
    return result;
}

} // namespace core
