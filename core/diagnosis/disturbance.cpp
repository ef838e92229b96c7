#include "core/diagnosis/disturbance.h"

#include "core/measure/layer_metrics.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// a + (b − c), in the layout of a.
Tensor disturbed(const Tensor& a, const Tensor& b, const Tensor& c)
{
    const Tensor plus = toLayout(b, a.layout());
    const Tensor minus = toLayout(c, a.layout());
    TensorBuilder builder(DataType::Float32, a.shape(), a.layout());
    const auto dst = builder.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = a.as<float>()[i] + (plus.as<float>()[i] - minus.as<float>()[i]);
    }
    return std::move(builder).finish();
}

Tensor clampedTo(const Tensor& y, const Range& range)
{
    TensorBuilder builder(DataType::Float32, y.shape(), y.layout());
    std::ranges::transform(y.as<float>(), builder.as<float>().begin(), [&](float v) {
        return std::clamp(v, static_cast<float>(range.min), static_cast<float>(range.max));
    });
    return std::move(builder).finish();
}

} // namespace

Disturbance::Disturbance(const Pipeline& pipeline, const ResolvedPlan& plan,
                         const std::vector<MeasuredOutput>& outputs)
    : m_pipeline(pipeline)
    , m_graph(pipeline.graph())
    , m_plan(plan)
    , m_outputs(outputs)
{
}

bool Disturbance::isMeasured(std::size_t i) const
{
    const ResolvedOperator& op = m_plan.operators[i];
    const ValueId id = m_graph.operators[i].result();
    if (op.kind == QuantizedKind::Inherits || op.inherits || id == kNoValue
        || m_graph.value(id).type != DataType::Float32) {
        return false;
    }
    return op.kind != QuantizedKind::None || op.effective.isLowFloat()
        || (m_plan.values[indexOf(id)] && !m_plan.values[indexOf(id)]->isDynamic);
}

std::pair<Tensor, Tensor> Disturbance::isolated(std::size_t i, const Sample& sample,
                                                const SampleValues& reference) const
{
    const ResolvedOperator& op = m_plan.operators[i];
    const ValueId id = m_graph.operators[i].result();
    if (op.kind == QuantizedKind::None && !op.effective.isLowFloat()) { // float, and its readers quantize it
        const Tensor& y = reference[indexOf(id)];
        return {
            dequantized(quantized(y, m_plan.values[indexOf(id)]->params), m_plan.values[indexOf(id)]->params),
            y};
    }
    auto [result, shadow] = m_pipeline.runIsolated(
        OperatorId(i), m_plan, *m_pipeline.quantizedForm(OperatorId(i), m_plan), sample, reference);
    if (result.type() != DataType::Float32) {
        result = dequantized(result, m_plan.values[indexOf(id)]->params);
    }
    return {std::move(result), std::move(shadow)};
}

std::vector<kernels::ErrorSums> Disturbance::propagated(std::size_t i, const Sample& sample,
                                                        const SampleValues& reference, const Tensor& after,
                                                        const Tensor& before) const
{
    SampleValues values = reference;
    const ValueId id = m_graph.operators[i].result();
    values[indexOf(id)] = disturbed(reference[indexOf(id)], after, before);
    std::vector<bool> reached(m_graph.operators.size(), false);
    markReaders(m_graph.operators[i], reached);
    for (std::size_t k = i + 1; k < reached.size(); ++k) {
        if (reached[k]) {
            m_pipeline.runFloat(OperatorId(k), sample, values);
            markReaders(m_graph.operators[k], reached);
        }
    }
    std::vector<kernels::ErrorSums> sums;
    for (const MeasuredOutput& output : m_outputs) {
        sums.push_back(compareOutputs(output, reference[indexOf(output.value)], values[indexOf(output.value)],
                                      sample.items));
    }
    return sums;
}

void Disturbance::markReaders(const Operator& op, std::vector<bool>& reached) const
{
    for (const ValueId output : op.outputs) {
        if (output != kNoValue) {
            for (const OperatorId reader : m_graph.consumersOf[indexOf(output)]) {
                reached[indexOf(reader)] = true;
            }
        }
    }
}

std::optional<Executable> Disturbance::withRoundedConstants(std::size_t i, BiasIn bias) const
{
    const Operator& op = m_graph.operators[i];
    const auto& weights = m_plan.operators[i].weights;
    if (!weights || m_plan.operators[i].kind == QuantizedKind::None) {
        return std::nullopt;
    }
    float srcScale = 1.0f;
    if (m_plan.operators[i].kind == QuantizedKind::Linear) {
        const auto& src = m_plan.values[indexOf(op.inputs[0])];
        if (src->isDynamic) {
            return std::nullopt;
        }
        srcScale = src->params.scale[0];
    }
    const auto changed = withDequantizedConstants(op, *weights, srcScale, bias);
    return changed ? std::optional(compileFloat(m_graph, *changed, Backend::Real)) : std::nullopt;
}

Tensor Disturbance::runOnRealInputs(std::size_t i, const Executable& form, const Sample& sample,
                                    const SampleValues& reference) const
{
    const Operator& op = m_graph.operators[i];
    std::vector<Tensor> inputs = m_pipeline.inputsOf(OperatorId(i), reference, sample);
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        if (op.inputs[k] == kNoValue || op.constants[k]
            || m_graph.value(op.inputs[k]).type != DataType::Float32) {
            continue;
        }
        const auto& value = m_plan.values[indexOf(op.inputs[k])];
        if (value && !value->isDynamic) {
            inputs[k] = dequantized(quantized(inputs[k], value->params), value->params);
        }
    }
    const auto position = std::ranges::find(op.outputs, op.result()) - op.outputs.begin();
    return form.run(inputs)[static_cast<std::size_t>(position)];
}

std::pair<Tensor, Tensor> Disturbance::quantizedOutput(std::size_t i, const Tensor& y) const
{
    const auto& value = m_plan.values[indexOf(m_graph.operators[i].result())];
    const ResolvedOperator& op = m_plan.operators[i];
    const bool isFloat = op.kind != QuantizedKind::None && !op.writesCodes;
    if (!value || value->isDynamic || isFloat) {
        return {y, y};
    }
    return {clampedTo(y, value->params.range()), dequantized(quantized(y, value->params), value->params)};
}

std::optional<Executable> Disturbance::withExactSums(std::size_t i) const
{
    if (m_plan.operators[i].kind != QuantizedKind::Linear || !m_plan.operators[i].arithmetic.saturates()) {
        return std::nullopt;
    }
    ResolvedPlan plan = m_plan;
    plan.operators[i].arithmetic.accumulator = kernels::AccumulatorForm::Exact;
    plan.operators[i].key = FingerprintBuilder().word(plan.operators[i].key.high).word(1).finish();
    return *m_pipeline.quantizedForm(OperatorId(i), plan);
}

Tensor Disturbance::runExact(std::size_t i, const Executable& form, const Sample& sample,
                             const SampleValues& reference) const
{
    Tensor result = m_pipeline.runIsolated(OperatorId(i), m_plan, form, sample, reference).first;
    return result.type() == DataType::Float32
        ? result
        : dequantized(result, m_plan.values[indexOf(m_graph.operators[i].result())]->params);
}

std::optional<Tensor> Disturbance::withoutNudge(std::size_t i, const Tensor& y) const
{
    const auto& value = m_plan.values[indexOf(m_graph.operators[i].result())];
    const ResolvedOperator& op = m_plan.operators[i];
    const bool isFloat = op.kind != QuantizedKind::None && !op.writesCodes;
    if (!value || value->isDynamic || isFloat || value->params.isPerChannel()
        || value->params.zeroPoint[0] == 0) {
        return std::nullopt;
    }
    const double scale = value->params.scale[0];
    const double zero = -std::min(value->threshold.min, 0.0) / scale; // of the lowest code, not rounded
    const double span = value->params.codes.highest - value->params.codes.lowest;
    TensorBuilder builder(DataType::Float32, y.shape(), y.layout());
    std::ranges::transform(y.as<float>(), builder.as<float>().begin(), [&](float v) {
        const double code = std::clamp(std::nearbyint(v / scale + zero), 0.0, span);
        return static_cast<float>((code - zero) * scale);
    });
    return std::move(builder).finish();
}

} // namespace core
