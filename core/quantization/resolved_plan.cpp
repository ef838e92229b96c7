#include "core/quantization/resolved_plan.h"

#include "core/base/error.h"
#include "core/graph/operator_traits.h"
#include "core/network/fold_rules.h"
#include "core/network/selected_operators.h"
#include "core/quantization/dnnlowp_forms.h"
#include "core/quantization/obstacles.h"
#include "core/quantization/placement.h"
#include "core/quantization/plan_settings.h"
#include "core/quantization/value_resolver.h"
#include "core/quantization/weight_resolver.h"
#include "core/quantization/written_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

bool ResolvedPlan::isCodes(const OperatorGraph& graph, ValueId id) const
{
    const auto producer = graph.producerOf[indexOf(id)];
    if (!producer || !operators[indexOf(*producer)].writesCodes) {
        return false;
    }
    // Of several outputs, masks and indices stay what they are, and what nobody reads is nothing.
    const bool isUsed = id == graph.at(*producer).result() || !graph.consumersOf[indexOf(id)].empty()
        || graph.graph->isOutput(id);
    return isUsed && graph.value(id).type == DataType::Float32;
}

namespace {

class Resolver
{
public:
    Resolver(const OperatorGraph& graph, const QuantizationPlan& plan,
             const std::vector<TensorStatistics>& statistics, WeightCache& weights)
        : m_graph(graph)
        , m_plan(plan)
        , m_settings(planSettings(graph, plan, m_result.warnings))
        , m_values(graph, plan.defaults, m_settings, statistics, m_result.values)
        , m_weights(graph, m_settings, statistics, m_values, weights, m_result)
    {
        if (plan.defaults.quantizeMode == QuantizeMode::Smart) {
            m_notPlaced = smartObstacles(graph, m_settings);
        }
        if (plan.defaults.bf16Orphans == LowFloatOrphans::Unmark) {
            m_orphans = orphanObstacles(graph, m_settings);
        }
    }

    ResolvedPlan run()
    {
        m_result.operators.resize(m_graph.operators.size());
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            resolve(OperatorId(i));
        }
        dropIdleInputs();
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            m_weights.addWeights(OperatorId(i));
            addDnnlowpForms(OperatorId(i));
            ResolvedOperator& resolved = m_result.operators[i];
            resolved.key = keyOf(OperatorId(i));
            // The output of a float operator is quantized only where an integer operator reads it.
            const auto& value = m_result.values[indexOf(m_graph.operators[i].result())];
            resolved.isolatedKey = FingerprintBuilder()
                                       .add(resolved.key)
                                       .add(value ? fingerprintOf(value->params) : Fingerprint{})
                                       .finish();
        }
        m_weights.sayRepairs();
        if (!m_values.notDynamic().empty()) {
            m_result.warnings.push_back(fmt::format("dynamic: min-max of the calibration data instead for {}",
                                                    fmt::join(m_values.notDynamic(), ", ")));
        }
        return std::move(m_result);
    }

private:
    void resolve(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        ResolvedOperator& result = m_result.operators[indexOf(id)];
        const OperatorSettings& settings = m_settings[indexOf(id)];
        const QuantizedForm form = quantizedFormOf(m_graph, op);
        result.requested = *settings.precision;
        result.backend = *settings.backend;
        result.inherits = form.kind == QuantizedKind::Inherits;
        refuseActivationOfInheriting(op, result.inherits && !m_values.isWritten(op.result()));
        if (result.requested.isLowFloat()) {
            result.reason = lowFloatObstacle(m_graph, op, result.requested);
            if (result.reason.empty() && !m_orphans.empty()) {
                result.reason = m_orphans[indexOf(id)];
            }
        }
        if (!result.requested.isInteger()) {
            result.effective = result.reason.empty() ? result.requested : kFp32;
            return;
        }
        if (form.kind == QuantizedKind::Input && m_graph.graph->isOutput(op.outputs[0])) {
            result.reason = "it is an output as well, which hands it on as it is; readers quantize it";
            return;
        }
        if (m_values.isWritten(op.result())) {
            resolveWritten(op, form, result);
            return;
        }
        if (form.kind == QuantizedKind::None) {
            result.reason = form.reason;
            return;
        }
        if (result.reason = placementObstacle(id); !result.reason.empty()) {
            return;
        }
        if (result.inherits && !m_result.isCodes(m_graph, dataInput(op))) {
            result.reason = fmt::format("its input '{}' is float", m_graph.value(dataInput(op)).name);
            return;
        }
        result.kind = form.kind;
        result.effective = result.requested;
        result.writesCodes = m_plan.quantizeOutputs || form.kind == QuantizedKind::Input
            || std::ranges::none_of(op.outputs, [&](ValueId output) {
                                 return output != kNoValue && m_graph.graph->isOutput(output);
                             });
        if (result.writesCodes && settings.activation.type == QuantizedType::Uint8
            && m_values.goesBelowZero(op.result())) {
            result.writesCodes = false;
            if (form.kind == QuantizedKind::Input) {
                result.kind = QuantizedKind::None;
                result.effective = kFp32;
                result.reason = fmt::format("quantized_dtype uint8: '{}' goes below 0", op.name);
                return;
            }
            result.reason = fmt::format("quantized_dtype uint8: its output '{}' goes below 0 and is float",
                                        m_graph.value(op.result()).name);
        }
        if (!result.writesCodes && isRecurrent(op.type)) {
            result.writesCodes = true;
            result.reason = "outputs float: its integer form writes codes";
        }
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (m_values.isReal(op, i)) {
                (void)m_values.valueOf(op.inputs[i]);
            }
        }
        for (const ValueId output : op.outputs) {
            if (output != kNoValue && m_result.isCodes(m_graph, output)) {
                (void)m_values.valueOf(output);
            }
        }
        if (result.writesCodes && m_values.valueOf(op.result()).isDynamic) {
            result.writesCodes = false; // its readers quantize it
            if (form.kind == QuantizedKind::Input) {
                result.kind = QuantizedKind::None;
                result.effective = kFp32;
                result.reason = "dynamic: its readers quantize it at run time";
            }
        }
    }

    /// Why the plan as a whole leaves an operator with an integer form in FP32; empty where it does not.
    [[nodiscard]] std::string placementObstacle(OperatorId id) const
    {
        if (!m_notPlaced.empty() && !m_notPlaced[indexOf(id)].empty()) {
            return m_notPlaced[indexOf(id)];
        }
        const Operator& op = m_graph.at(id);
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (!m_values.isReal(op, i)) {
                continue;
            }
            const auto producer = m_graph.producerOf[indexOf(op.inputs[i])];
            if (producer && m_settings[indexOf(*producer)].activation.type == QuantizedType::Uint8
                && m_values.goesBelowZero(op.inputs[i])) {
                return fmt::format("quantized_dtype uint8: its input '{}' goes below 0",
                                   m_graph.value(op.inputs[i]).name);
            }
        }
        return {};
    }

    void addDnnlowpForms(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        ResolvedOperator& result = m_result.operators[indexOf(id)];
        if (result.kind == QuantizedKind::None || !result.writesCodes || m_values.isWritten(op.result())) {
            return;
        }
        std::vector<const QuantizationParams*> operands;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (m_values.isReal(op, i)) {
                operands.push_back(&m_values.valueOf(op.inputs[i]).params);
            }
        }
        const DnnlowpForms forms =
            dnnlowpForms(op, result, m_settings[indexOf(id)], operands, m_values.valueOf(op.result()).params);
        result.intermediate = forms.intermediate;
        result.isFixedPoint = forms.isFixedPoint;
        if (!forms.note.empty()) {
            m_result.warnings.push_back(op.name + ": " + forms.note);
        }
    }

    /// Integer where the model quantizes everything that the operator reads and writes and a kernel of ours
    /// computes the same; else FP32 between DequantizeLinear and QuantizeLinear, as the model says.
    void resolveWritten(const Operator& op, const QuantizedForm& form, ResolvedOperator& result)
    {
        if (!m_graph.written) {
            throw Error(ErrorKind::Usage,
                        "method 'written' needs a quantized model: this one holds no QuantizeLinear");
        }
        const ValueId out = op.result();
        const bool isQuantized = std::ranges::all_of(op.outputs, [&](ValueId output) {
            return output == kNoValue || writtenParams(m_graph, output) != nullptr;
        });
        const bool writesReals = form.kind == QuantizedKind::Linear || isMatMul(op.type);
        bool isInteger =
            form.kind != QuantizedKind::None && (isQuantized ? m_values.isReadable(out) : writesReals);
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            const bool isConstant = i < op.constants.size() && op.constants[i].has_value();
            isInteger = isInteger && (!m_values.isReal(op, i) || m_values.isReadable(op.inputs[i]));
            if (form.kind == QuantizedKind::Binary && isConstant) {
                isInteger = isInteger && writtenWeights(m_graph, op, i, nullptr);
            }
        }
        if (form.kind == QuantizedKind::OwnRange && hasBatchedWeights(op)) {
            isInteger = false; // a scale for each matrix is read as reals
        }
        const bool isOurs =
            m_settings[indexOf(*m_graph.producerOf[indexOf(out)])].weight.method->name != kWrittenMethod;
        if (isRecurrent(op.type)) {
            isInteger = isInteger && isOurs; // no model holds gates and states of 8 bits
        }
        if (isInteger && form.kind == QuantizedKind::Linear) {
            isInteger = isOurs || writtenWeights(m_graph, op, 1, &m_values.valueOf(op.inputs[0]).params);
        }
        if (isInteger && form.kind == QuantizedKind::Inherits) {
            isInteger = m_result.isCodes(m_graph, dataInput(op))
                && std::ranges::all_of(op.outputs, [&](ValueId output) {
                            return output == kNoValue
                                || m_values.valueOf(dataInput(op)).params == m_values.valueOf(output).params;
                        });
        }
        // Nothing but a product with constant weights has a form that reads what is quantized at run time.
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            const bool mayBeDynamic = i == 0 && form.kind == QuantizedKind::Linear;
            isInteger = isInteger
                && (mayBeDynamic || op.inputs[i] == kNoValue || !isWrittenDynamic(m_graph, op.inputs[i]));
        }
        result.writesCodes = isQuantized;
        result.inherits = isInteger && form.kind == QuantizedKind::Inherits;
        if (!isInteger) {
            result.reason = isQuantized
                ? "runs in FP32 between the DequantizeLinear and QuantizeLinear of the model"
                : "the model does not quantize it";
        } else {
            result.kind = form.kind;
            result.effective = result.requested;
            for (std::size_t i = 0; i < op.inputs.size(); ++i) {
                if (m_values.isReal(op, i)) {
                    (void)m_values.valueOf(op.inputs[i]);
                }
            }
        }
        for (const ValueId output : op.outputs) { // of several outputs all are codes, or none
            if (isQuantized && output != kNoValue) {
                (void)m_values.valueOf(output);
            }
        }
    }

    void refuseActivationOfInheriting(const Operator& op, bool inherits) const
    {
        const auto it = m_plan.operators.find(op.name);
        if (!inherits || it == m_plan.operators.end()) {
            return;
        }
        ActivationSettings wished = it->second.activation;
        const std::optional<Precision>& precision = it->second.precision;
        if (precision && (!precision->isInteger() || wished.bits == precision->bits)) {
            wished.bits.reset(); // comes with `precision`, or came with an earlier one: nobody asked for it
        }
        if (wished == ActivationSettings{}) {
            return;
        }
        const Operator* source = m_values.producer(dataInput(op));
        while (source && quantizedFormOf(m_graph, *source).kind == QuantizedKind::Inherits) {
            source = m_values.producer(dataInput(*source));
        }
        throw Error(ErrorKind::Usage,
                    fmt::format("plan: {} ({}) inherits the params of its input: set the activation of '{}'",
                                op.name, op.type, source ? source->name : "its producer"));
    }

    /// A graph input that no integer operator reads stays float.
    void dropIdleInputs()
    {
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            if (op.type != "Input" || !m_result.operators[i].writesCodes
                || m_values.isWritten(op.outputs[0])) {
                continue;
            }
            const auto& readers = m_graph.consumersOf[indexOf(op.result())];
            if (std::ranges::none_of(readers, [&](OperatorId r) {
                    return m_result.operators[indexOf(r)].kind != QuantizedKind::None;
                })) {
                m_result.operators[i].writesCodes = false;
                m_result.operators[i].kind = QuantizedKind::None;
                m_result.operators[i].effective = kFp32;
                m_result.operators[i].reason = "no integer operator reads it";
            }
        }
    }

    Fingerprint keyOf(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        const ResolvedOperator& r = m_result.operators[indexOf(id)];
        FingerprintBuilder key;
        key.add(op.name).add(r.kind).add(r.writesCodes).add(r.backend).add(op.residual.has_value());
        key.add(r.kind == QuantizedKind::None ? r.effective.kind : Precision::Kind::Integer);
        r.arithmetic.addTo(key);
        key.add(r.isFixedPoint).add(r.intermediate ? fingerprintOf(*r.intermediate) : Fingerprint{});
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (!m_values.isReal(op, i)) {
                continue;
            }
            const bool codes = m_result.isCodes(m_graph, op.inputs[i]);
            const bool quantized = codes || r.kind != QuantizedKind::None;
            if (quantized && m_values.valueOf(op.inputs[i]).isDynamic) {
                const ResolvedValue& value = m_values.valueOf(op.inputs[i]);
                const QuantizationParams& params = value.params;
                key.add(std::string_view(toString(value.method))).add(params.type).add(params.bits);
                continue;
            }
            key.add(codes).add(quantized ? fingerprintOf(m_values.valueOf(op.inputs[i]).params)
                                         : Fingerprint{});
        }
        for (const ValueId output : op.outputs) {
            if (output != kNoValue && m_result.isCodes(m_graph, output)) {
                key.add(fingerprintOf(m_values.valueOf(output).params));
            }
        }
        if (r.recurrent) {
            key.add(r.recurrent->bits)
                .add(std::string_view(r.recurrent->method))
                .add(std::string_view(r.recurrent->granularity))
                .add(r.recurrent->input.scale)
                .add(r.recurrent->hidden.scale);
        }
        if (r.weights) {
            key.add(fingerprintOf(r.weights->params)).add(r.weights->method);
            key.add(r.weights->dead.sources).add(r.weights->dead.results).add(r.weights->biasShift);
            const RoundingMask mask = m_settings[indexOf(id)].weight.roundingMask.value_or(RoundingMask{});
            key.add(mask.isSet() ? *mask.bits : std::vector<std::uint8_t>{});
        }
        return key.finish();
    }

    const OperatorGraph& m_graph;
    const QuantizationPlan& m_plan;
    ResolvedPlan m_result;
    std::vector<OperatorSettings> m_settings;
    std::vector<std::string> m_notPlaced; // by OperatorId, empty unless quantize_mode is smart
    std::vector<std::string> m_orphans; // by OperatorId, empty unless bf16_orphans is unmark
    ValueResolver m_values;
    WeightResolver m_weights;
};

} // namespace

ResolvedPlan resolvePlan(const OperatorGraph& graph, const QuantizationPlan& plan,
                         const std::vector<TensorStatistics>& statistics, WeightCache& weights)
{
    const QuantizationPlan bound = boundTo(graph, plan);
    return Resolver(graph, bound, statistics, weights).run();
}

} // namespace core
