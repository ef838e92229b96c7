#include "core/execution/inference.h"

#include <algorithm>
#include <utility>

namespace core {

Inference::Inference(const Pipeline& pipeline)
    : m_graph(pipeline.sharedGraph())
{
    addSteps();
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        m_steps[i].form = {m_graph, &pipeline.floatForm(OperatorId(i))}; // lives as long as the pipeline
    }
    markLastReaders();
}

Inference::Inference(const Pipeline& pipeline, const ResolvedPlan& plan)
    : m_graph(pipeline.sharedGraph())
{
    addSteps();
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        m_steps[i].form = pipeline.quantizedForm(OperatorId(i), plan);
        const bool wantsCodes = plan.operators[i].kind != QuantizedKind::None;
        for (Operand& operand : m_steps[i].operands) {
            if (operand.value == kNoValue || m_graph->value(operand.value).type != DataType::Float32
                || plan.isCodes(*m_graph, operand.value) == wantsCodes
                || plan.values[indexOf(operand.value)]->isDynamic) { // the operator quantizes it itself
                continue;
            }
            (wantsCodes ? operand.quantize : operand.dequantize) =
                plan.values[indexOf(operand.value)]->params;
        }
        if (!wantsCodes && plan.operators[i].writesCodes) {
            for (const ValueId result : m_steps[i].results) {
                const std::optional<ResolvedValue> value =
                    result == kNoValue ? std::nullopt : plan.values[indexOf(result)];
                m_steps[i].quantizeResults.push_back(value && !value->isDynamic ? std::optional(value->params)
                                                                                : std::nullopt);
            }
        }
    }
    markLastReaders();
}

void Inference::addSteps()
{
    const auto& inputs = m_graph->graph->inputs();
    for (const Operator& op : m_graph->operators) {
        Step step;
        step.results = op.outputs;
        if (op.type == "Input") {
            step.sampleInput =
                static_cast<std::size_t>(std::ranges::find(inputs, op.outputs[0]) - inputs.begin());
        } else {
            for (std::size_t i = 0; i < op.inputs.size(); ++i) {
                step.operands.push_back({op.constants[i] ? kNoValue : op.inputs[i], false, {}, {}});
            }
        }
        m_steps.push_back(std::move(step));
    }
}

void Inference::markLastReaders()
{
    std::vector<bool> read(m_graph->graph->values().size(), false);
    for (const ValueId output : m_graph->graph->outputs()) {
        read[indexOf(output)] = true;
    }
    for (auto step = m_steps.rbegin(); step != m_steps.rend(); ++step) {
        for (ValueId& result : step->results) {
            if (result != kNoValue && !read[indexOf(result)]) {
                result = kNoValue;
            }
        }
        for (auto operand = step->operands.rbegin(); operand != step->operands.rend(); ++operand) {
            if (operand->value != kNoValue) {
                operand->isLast = !read[indexOf(operand->value)];
                read[indexOf(operand->value)] = true;
            }
        }
    }
}

std::vector<Tensor> Inference::run(const Sample& sample) const
{
    std::vector<Tensor> values(m_graph->graph->values().size());
    std::vector<Tensor> inputs;
    for (const Step& step : m_steps) {
        inputs.clear();
        if (step.sampleInput) {
            inputs.push_back(sample.inputs[*step.sampleInput]);
        }
        for (const Operand& operand : step.operands) {
            if (operand.value == kNoValue) {
                inputs.emplace_back();
                continue;
            }
            Tensor& value = values[indexOf(operand.value)];
            inputs.push_back(operand.isLast ? std::move(value) : value);
            if (operand.isLast) {
                value = {};
            }
            if (operand.quantize) {
                inputs.back() = quantized(inputs.back(), *operand.quantize);
            } else if (operand.dequantize) {
                inputs.back() = dequantized(inputs.back(), *operand.dequantize);
            }
        }
        std::vector<Tensor> results =
            step.form->runInPlace ? step.form->runInPlace(inputs) : step.form->run(inputs);
        for (std::size_t i = 0; i < step.results.size() && i < results.size(); ++i) {
            if (i < step.quantizeResults.size() && step.quantizeResults[i]) {
                results[i] = quantized(results[i], *step.quantizeResults[i]);
            }
            if (step.results[i] != kNoValue) {
                values[indexOf(step.results[i])] = std::move(results[i]);
            }
        }
    }
    std::vector<Tensor> outputs;
    for (const ValueId output : m_graph->graph->outputs()) {
        const auto& constant = m_graph->value(output).constant; // folded: no operator writes it
        outputs.push_back(constant ? *constant : values[indexOf(output)]);
    }
    return outputs;
}

} // namespace core
