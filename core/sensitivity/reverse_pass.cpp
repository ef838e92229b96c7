#include "core/sensitivity/reverse_pass.h"

#include "core/sensitivity/reverse_parts.h"

#include <algorithm>

namespace core {

namespace {

bool isFloatActivation(const OperatorGraph& graph, const Operator& op, std::size_t k)
{
    return op.inputs[k] != kNoValue && !op.constants[k]
        && graph.value(op.inputs[k]).type == DataType::Float32;
}

void addTo(Tensor& sum, const Tensor& part)
{
    if (!sum.isDefined()) {
        sum = part;
        return;
    }
    const auto a = sum.as<float>();
    const auto b = part.as<float>();
    sum = filled(sum.shape(), sum.layout(), [&](std::size_t i) { return a[i] + b[i]; });
}

} // namespace

ReversePass::ReversePass(const Pipeline& pipeline, ValueId output)
    : m_pipeline(pipeline)
    , m_output(output)
    , m_rules(pipeline.graph().operators.size())
    , m_isReached(pipeline.graph().graph->values().size(), true)
{
    const OperatorGraph& graph = pipeline.graph();
    std::vector<bool> leads(m_isReached.size(), false); // to the output
    leads[indexOf(output)] = true;
    for (std::size_t i = m_rules.size(); i-- > 0;) {
        const Operator& op = graph.operators[i];
        const auto isLeading = [&](ValueId id) { return id != kNoValue && leads[indexOf(id)]; };
        if (op.type == "Input" || std::ranges::none_of(op.outputs, isLeading)) {
            continue;
        }
        const bool isReached = std::ranges::all_of(
            op.outputs, [&](ValueId id) { return !isLeading(id) || m_isReached[indexOf(id)]; });
        if (isReached) {
            m_rules[i] = reverseRuleOf(graph, op);
            if (!m_rules[i]) {
                m_ends.push_back(op.name);
            }
        }
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            if (op.inputs[k] == kNoValue || op.constants[k]) {
                continue;
            }
            leads[indexOf(op.inputs[k])] = true;
            if (!m_rules[i]) {
                m_isReached[indexOf(op.inputs[k])] = false;
            }
        }
    }
}

SampleValues ReversePass::run(const SampleValues& at, const Sample& sample, const Tensor& direction) const
{
    const OperatorGraph& graph = m_pipeline.graph();
    SampleValues gradients(at.size());
    gradients[indexOf(m_output)] = inKernelLayout(direction);
    for (std::size_t i = m_rules.size(); i-- > 0;) {
        const Operator& op = graph.operators[i];
        if (!m_rules[i] || !gradients[indexOf(op.result())].isDefined()) {
            continue;
        }
        const std::vector<Tensor> inputs = m_pipeline.inputsOf(OperatorId(i), at, sample);
        const std::vector<Tensor> parts =
            (*m_rules[i])({inputs, at[indexOf(op.result())]}, gradients[indexOf(op.result())]);
        for (std::size_t k = 0; k < parts.size(); ++k) {
            if (parts[k].isDefined() && isFloatActivation(graph, op, k) && reaches(op.inputs[k])) {
                addTo(gradients[indexOf(op.inputs[k])], parts[k]);
            }
        }
    }
    return gradients;
}

} // namespace core
