#include "core/resolved_plan.h"

#include "core/bias_correction.h"
#include "core/dynamic_executable.h"
#include "core/dynamic_rule.h"
#include "core/error.h"
#include "core/low_float.h"
#include "core/near_misses.h"
#include "core/scheme.h"
#include "core/written_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>

namespace core {

Fingerprint fingerprintOf(const QuantizationParams& params)
{
    return FingerprintBuilder()
        .add(params.type)
        .add(params.bits)
        .add(params.codes.lowest)
        .add(params.codes.highest)
        .add(params.scale)
        .add(params.zeroPoint)
        .add(params.axis.value_or(-1))
        .add(params.group)
        .add(params.rounding)
        .finish();
}

bool ResolvedPlan::isCodes(const OperatorGraph& graph, ValueId id) const
{
    const auto producer = graph.producerOf[indexOf(id)];
    if (!producer || !operators[indexOf(*producer)].writesCodes) {
        return false;
    }
    // Of several outputs, masks and indices stay what they are, and what nobody reads is nothing.
    const bool isUsed = id == graph.at(*producer).result() || !graph.consumersOf[indexOf(id)].empty() || graph.graph->isOutput(id);
    return isUsed && graph.value(id).type == DataType::Float32;
}

std::shared_ptr<const QuantizedWeights> WeightCache::get(const Operator& op, const WeightSettings& settings,
                                                         const QuantizationParams* src, std::size_t operand,
                                                         const DeadChannels& dead)
{
    FingerprintBuilder key;
    key.add(op.name).add(operand).add(toString(*settings.method)).add(toString(*settings.granularity));
    key.add(*settings.scheme).add(*settings.bits).add(settings.convention.value_or(Convention::Noisefloor));
    key.add(settings.range ? static_cast<int>(*settings.range) : -1);
    key.add(settings.reduceRange.value_or(false)).add(settings.powerOfTwo.value_or(false));
    key.add(src ? fingerprintOf(*src) : Fingerprint {});
    // Folding depends on the fusion, so the same operator may carry other constants.
    key.add(reinterpret_cast<std::uintptr_t>(op.constants[operand]->data()));
    key.add(dead.sources).add(dead.results).add(dead.calibratedSources).add(dead.calibratedResults);
    key.add(settings.roundingMask && settings.roundingMask->isSet() ? *settings.roundingMask->bits : std::vector<std::uint8_t> {});
    auto& entry = m_entries[key.finish()];
    if (!entry) {
        entry = src ? quantizeWeights(op, settings, *src, dead) : quantizeOperand(*op.constants[operand], settings);
    }
    return entry;
}

std::shared_ptr<const QuantizedWeights> WeightCache::shifted(const std::shared_ptr<const QuantizedWeights>& weights, const Operator& op,
                                                             const QuantizationParams& src, const std::vector<float>& shift)
{
    // The unshifted weights stay in the cache, so their address stands for them.
    FingerprintBuilder key;
    key.add(std::string_view("shifted")).add(reinterpret_cast<std::uintptr_t>(weights.get())).add(fingerprintOf(src)).add(shift);
    auto& entry = m_entries[key.finish()];
    if (!entry) {
        entry = withBiasShift(*weights, op, src, shift);
    }
    return entry;
}

const std::vector<std::vector<Interval>>& WeightCache::intervals(const OperatorGraph& graph)
{
    if (!m_intervals) {
        m_intervals = channelIntervals(graph);
    }
    return *m_intervals;
}

namespace {

class Resolver
{
public:
    Resolver(const OperatorGraph& graph, const QuantizationPlan& plan, const std::vector<TensorStatistics>& statistics,
             WeightCache& weights)
        : m_graph(graph)
        , m_plan(plan)
        , m_statistics(statistics)
        , m_weights(weights)
    {
    }

    ResolvedPlan run()
    {
        m_result.values.resize(m_graph.graph->values().size());
        m_result.operators.resize(m_graph.operators.size());
        checkNames();
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            m_settings.push_back(settingsOf(m_graph.operators[i]));
        }
        shareRanges();
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            resolve(OperatorId(i));
        }
        dropIdleInputs();
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            addWeights(OperatorId(i));
            ResolvedOperator& resolved = m_result.operators[i];
            resolved.key = keyOf(OperatorId(i));
            // The output of a float operator is quantized only where an integer operator reads it.
            const auto& value = m_result.values[indexOf(m_graph.operators[i].result())];
            resolved.isolatedKey = FingerprintBuilder()
                                       .add(resolved.key)
                                       .add(value ? fingerprintOf(value->params) : Fingerprint{})
                                       .finish();
        }
        sayRepairs();
        if (!m_notDynamic.empty()) {
            m_result.warnings.push_back(fmt::format("dynamic: min-max of the calibration data instead for {}",
                                                    fmt::join(m_notDynamic, ", ")));
        }
        return std::move(m_result);
    }

private:
    /// Settings of an operator whose key may be any of its inner nodes.
    OperatorSettings settingsOf(const Operator& op)
    {
        if (op.type == "Input") {
            return m_plan.settingsForInput(op.name);
        }
        if (!m_plan.operators.contains(op.name)) {
            for (const std::string& inner : op.nodeNames) {
                if (m_plan.operators.contains(inner)) {
                    m_result.warnings.push_back(fmt::format("plan key '{}' is part of the fused operator '{}'", inner, op.name));
                    QuantizationPlan renamed = m_plan;
                    renamed.operators[op.name] = m_plan.operators.at(inner);
                    return renamed.settingsFor(op.name, op.type);
                }
            }
        }
        return m_plan.settingsFor(op.name, op.type);
    }

    void checkNames() const
    {
        std::vector<std::string> names;
        std::vector<std::string> inputs;
        for (const Operator& op : m_graph.operators) {
            (op.type == "Input" ? inputs : names).push_back(op.name);
            names.insert(names.end(), op.nodeNames.begin(), op.nodeNames.end());
        }
        for (const auto& [name, settings] : m_plan.operators) {
            if (std::ranges::find(names, name) == names.end()) {
                const bool isInput = std::ranges::find(inputs, name) != inputs.end();
                throw Error(ErrorKind::Usage, fmt::format("plan: no operator is named '{}'{}", name,
                    isInput ? "; it is an input: use \"inputs\"" : nearMisses(name, names)));
            }
        }
        for (const auto& [name, settings] : m_plan.inputs) {
            if (std::ranges::find(inputs, name) == inputs.end()) {
                throw Error(ErrorKind::Usage,
                            fmt::format("plan: the model has no input named '{}'{}", name, nearMisses(name, inputs)));
            }
        }
    }

    /// The value that chose the params which this one inherits.
    ValueId rootOf(ValueId id) const
    {
        for (const Operator* op = producer(id); op && quantizedFormOf(m_graph, *op).kind == QuantizedKind::Inherits; op = producer(id)) {
            id = dataInput(*op);
        }
        return id;
    }

    /// Concats with share_range: their output and all they join get the widest range, from [0, 0] on.
    void shareRanges()
    {
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            if (!m_settings[i].shareRange.value_or(false) || quantizedFormOf(m_graph, op).kind != QuantizedKind::Concat) {
                continue;
            }
            std::vector<ValueId> members {op.outputs[0]};
            std::ranges::transform(op.inputs, std::back_inserter(members), [&](ValueId id) { return rootOf(id); });
            auto range = std::make_shared<Range>();
            for (const ValueId id : members) {
                const auto known = m_shared.find(indexOf(id));
                const Range own = known != m_shared.end() ? *known->second : calibratedRange(id);
                range->min = std::min(range->min, own.min);
                range->max = std::max(range->max, own.max);
                if (known != m_shared.end()) { // all that shared with this one share on
                    const auto before = known->second;
                    for (auto& [other, shared] : m_shared) {
                        shared = shared == before ? range : shared;
                    }
                }
                m_shared[indexOf(id)] = range;
            }
        }
    }

    Range calibratedRange(ValueId id) const
    {
        const auto op = m_graph.producerOf[indexOf(id)];
        const ActivationSettings& wish = (op ? m_settings[indexOf(*op)] : m_plan.defaults).activation;
        if (wish.method->name == "manual") {
            return wish.range.value_or(Range {});
        }
        const CalibrationMethod method = wish.method->name == "dynamic" ? CalibrationMethod {"minmax", std::nullopt} : *wish.method;
        return calibrate(m_statistics[indexOf(id)], method, {*wish.scheme, effectiveBits(wish)});
    }

    const Operator* producer(ValueId id) const
    {
        const auto op = m_graph.producerOf[indexOf(id)];
        return op ? &m_graph.at(*op) : nullptr;
    }

    static ValueId dataInput(const Operator& op) { return op.inputs[0]; }

    /// Params of a value, following operators that inherit back to the one that chose them.
    const ResolvedValue& valueOf(ValueId id)
    {
        auto& slot = m_result.values[indexOf(id)];
        if (slot) {
            return *slot;
        }
        const auto op = m_graph.producerOf[indexOf(id)];
        if (op && !isWritten(id) && quantizedFormOf(m_graph, m_graph.at(*op)).kind == QuantizedKind::Inherits) {
            slot = valueOf(dataInput(m_graph.at(*op)));
            return *slot;
        }
        const OperatorSettings& settings = op ? m_settings[indexOf(*op)] : m_plan.defaults;
        const ActivationSettings& wish = settings.activation;
        ResolvedValue value;
        value.method = *wish.method;
        if (const QuantizationParams* written = isWritten(id) ? writtenParams(m_graph, id) : nullptr) {
            value.params = *written;
            value.threshold = written->range();
            slot = std::move(value);
            return *slot;
        }
        if (value.method.name == "dynamic") {
            const std::string obstacle = obstacleToDynamic(m_graph, m_settings, id);
            value.isDynamic = obstacle.empty();
            if (!value.isDynamic) {
                m_notDynamic.push_back(fmt::format("'{}' ({})", m_graph.value(id).name, obstacle));
                value.method = {"minmax", std::nullopt};
            }
        }
        if (value.method.name == "manual") {
            if (!wish.range) {
                throw Error(ErrorKind::Usage, fmt::format("plan: {} has method manual and no range: add \"range\": [min, max]",
                                                          op ? m_graph.at(*op).name : m_graph.value(id).name));
            }
            value.threshold = *wish.range;
        } else if (const auto shared = m_shared.find(indexOf(id)); shared != m_shared.end()) {
            value.threshold = *shared->second;
        } else {
            value.threshold = calibratedRange(id);
        }
        const auto follower = wish.followedBy.value_or(false) ? followerOf(m_graph, id) : Follower::None;
        value.threshold = narrowed(value.threshold, follower);
        value.params = activationParams(value.threshold, wish, op ? provenanceOf(m_graph, m_graph.at(*op)) : Provenance::Signed);
        if (wish.convention == Convention::Dnnlowp && (follower == Follower::Sigmoid || follower == Follower::Tanh)) {
            value.params = dnnlowpTableParams(follower);
        }
        if (op && wish.convention == Convention::Dnnlowp) {
            setTableResult(m_graph.at(*op), value);
        }
        value.params.rounding = settings.rounding.value_or(Rounding::HalfEven);
        slot = std::move(value);
        return *slot;
    }

    /// Behind DNNLOWP's own params of a table's source, its result has DNNLOWP's, too.
    void setTableResult(const Operator& op, ResolvedValue& value)
    {
        for (const Follower kind : {Follower::Sigmoid, Follower::Tanh}) {
            const bool isReal = !op.inputs.empty() && op.inputs[0] != kNoValue && !op.constants[0];
            if (isReal && dnnlowpTableOf(op, valueOf(op.inputs[0]).params, dnnlowpTableResult(kind)) == kind) {
                value.params = dnnlowpTableResult(kind);
                value.threshold = value.params.range();
            }
        }
    }

    void resolve(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        ResolvedOperator& result = m_result.operators[indexOf(id)];
        const OperatorSettings& settings = m_settings[indexOf(id)];
        const QuantizedForm form = quantizedFormOf(m_graph, op);
        result.requested = *settings.precision;
        result.backend = *settings.backend;
        result.inherits = form.kind == QuantizedKind::Inherits;
        refuseActivationOfInheriting(op, result.inherits && !isWritten(op.result()));
        if (result.requested.isLowFloat()) {
            result.reason = lowFloatObstacle(m_graph, op, result.requested);
        }
        if (!result.requested.isInteger()) {
            result.effective = result.reason.empty() ? result.requested : kFp32;
            return;
        }
        if (isWritten(op.result())) {
            resolveWritten(op, form, result);
            return;
        }
        if (form.kind == QuantizedKind::None) {
            result.reason = form.reason;
            return;
        }
        if (result.inherits && !m_result.isCodes(m_graph, dataInput(op))) {
            result.reason = fmt::format("its input '{}' is float", m_graph.value(dataInput(op)).name);
            return;
        }
        result.kind = form.kind;
        result.effective = result.requested;
        result.writesCodes = m_plan.quantizeOutputs || !m_graph.graph->isOutput(op.result())
            || form.kind != QuantizedKind::Linear;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (isReal(op, i)) {
                (void)valueOf(op.inputs[i]);
            }
        }
        for (const ValueId output : op.outputs) {
            if (output != kNoValue && m_result.isCodes(m_graph, output)) {
                (void)valueOf(output);
            }
        }
        if (result.writesCodes && valueOf(op.result()).isDynamic) {
            result.writesCodes = false; // its readers quantize it
            if (form.kind == QuantizedKind::Input) {
                result.kind = QuantizedKind::None;
                result.effective = kFp32;
                result.reason = "dynamic: its readers quantize it at run time";
            }
        }
    }


    /// An activation that may be codes.
    bool isReal(const Operator& op, std::size_t i) const
    {
        return op.inputs[i] != kNoValue && !op.constants[i] && m_graph.value(op.inputs[i]).type == DataType::Float32;
    }

    /// Whether the params of a value are to be those of the quantized model.
    bool isWritten(ValueId id) const
    {
        const auto op = m_graph.producerOf[indexOf(id)];
        return op && m_settings[indexOf(*op)].activation.method->name == kWrittenMethod;
    }

    /// Whether an integer operator can read the value: the model quantizes it, or the plan does instead.
    bool isReadable(ValueId id) const
    {
        const QuantizationParams* written = writtenParams(m_graph, id);
        return !isWritten(id) || (written && written->bits <= 8);
    }

    /// Integer where the model quantizes everything that the operator reads and writes and a kernel of ours computes the
    /// same; else FP32 between DequantizeLinear and QuantizeLinear, as the model says.
    void resolveWritten(const Operator& op, const QuantizedForm& form, ResolvedOperator& result)
    {
        if (!m_graph.written) {
            throw Error(ErrorKind::Usage, "method 'written' needs a quantized model: this one holds no QuantizeLinear");
        }
        const ValueId out = op.result();
        const bool isQuantized = std::ranges::all_of(op.outputs, [&](ValueId output) {
            return output == kNoValue || writtenParams(m_graph, output) != nullptr;
        });
        bool isInteger = form.kind != QuantizedKind::None && (isQuantized ? isReadable(out) : form.kind == QuantizedKind::Linear);
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            const bool isConstant = i < op.constants.size() && op.constants[i].has_value();
            isInteger = isInteger && (!isReal(op, i) || isReadable(op.inputs[i]));
            if (form.kind == QuantizedKind::Binary && isConstant) {
                isInteger = isInteger && writtenWeights(m_graph, op, i, nullptr);
            }
        }
        if (isInteger && form.kind == QuantizedKind::Linear) {
            const bool isOurs = m_settings[indexOf(*m_graph.producerOf[indexOf(out)])].weight.method->name != kWrittenMethod;
            isInteger = isOurs || writtenWeights(m_graph, op, 1, &valueOf(op.inputs[0]).params);
        }
        if (isInteger && form.kind == QuantizedKind::Inherits) {
            isInteger = m_result.isCodes(m_graph, dataInput(op)) && std::ranges::all_of(op.outputs, [&](ValueId output) {
                return output == kNoValue || valueOf(dataInput(op)).params == valueOf(output).params;
            });
        }
        result.writesCodes = isQuantized;
        result.inherits = isInteger && form.kind == QuantizedKind::Inherits;
        if (!isInteger) {
            result.reason = isQuantized ? "runs in FP32 between the DequantizeLinear and QuantizeLinear of the model"
                                        : "the model does not quantize it";
        } else {
            result.kind = form.kind;
            result.effective = result.requested;
            for (std::size_t i = 0; i < op.inputs.size(); ++i) {
                if (isReal(op, i)) {
                    (void)valueOf(op.inputs[i]);
                }
            }
        }
        for (const ValueId output : op.outputs) { // of several outputs all are codes, or none
            if (isQuantized && output != kNoValue) {
                (void)valueOf(output);
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
        if (wished == ActivationSettings {}) {
            return;
        }
        const Operator* source = producer(dataInput(op));
        while (source && quantizedFormOf(m_graph, *source).kind == QuantizedKind::Inherits) {
            source = producer(dataInput(*source));
        }
        throw Error(ErrorKind::Usage, fmt::format("plan: {} ({}) inherits the params of its input: set the activation of '{}'",
                                                  op.name, op.type, source ? source->name : "its producer"));
    }

    /// A graph input that no integer operator reads stays float.
    void dropIdleInputs()
    {
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            const Operator& op = m_graph.operators[i];
            if (op.type != "Input" || !m_result.operators[i].writesCodes || isWritten(op.outputs[0])) {
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

    void addWeights(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        ResolvedOperator& result = m_result.operators[indexOf(id)];
        const WeightSettings& settings = m_settings[indexOf(id)].weight;
        if (settings.method->name == kWrittenMethod) {
            addWrittenWeights(op, result);
            if (result.kind == QuantizedKind::Linear && result.weights) {
                setArithmetic(id);
            }
        } else if (result.kind == QuantizedKind::Linear) {
            const ResolvedValue& src = valueOf(op.inputs[0]);
            if (src.isDynamic) {
                QuantizationParams params = src.params;
                params.scale = {1.0f}; // not known yet, and nothing depends on it without a bias
                result.weights = m_weights.get(withoutBias(op), settings, &params, 1, deadOf(op, settings));
                correctBias(id, params);
                return;
            }
            result.weights = m_weights.get(op, settings, &src.params, 1, deadOf(op, settings));
            correctBias(id, src.params);
            setArithmetic(id);
        } else if (result.kind == QuantizedKind::Binary) {
            for (std::size_t i = 0; i < 2; ++i) {
                if (op.constants[i]) {
                    result.weights = m_weights.get(op, settings, nullptr, i);
                }
            }
        }
    }

    DeadChannels deadOf(const Operator& op, const WeightSettings& settings)
    {
        const ZeroDeadChannels wish = settings.zeroDeadChannels.value_or(ZeroDeadChannels {});
        if (wish.kind == ZeroDeadChannels::Kind::Off) {
            return {};
        }
        return deadChannels(m_graph, op, wish, m_weights.intervals(m_graph), m_statistics);
    }

    void correctBias(OperatorId id, const QuantizationParams& src)
    {
        const Operator& op = m_graph.at(id);
        std::shared_ptr<const QuantizedWeights>& weights = m_result.operators[indexOf(id)].weights;
        const BiasCorrection wish = m_settings[indexOf(id)].weight.biasCorrection.value_or(BiasCorrection {});
        std::vector<float> error = wish.error;
        if (wish.kind == BiasCorrection::Kind::Analytic) {
            auto expected = expectedWeightError(m_graph, op, *weights, m_statistics[indexOf(op.inputs[0])]);
            if (!expected) {
                m_uncorrected.push_back(op.name);
                return;
            }
            error = std::move(*expected);
        }
        if (wish.kind == BiasCorrection::Kind::None) {
            return;
        }
        if (error.size() != weights->channelScale.size()) {
            throw Error(ErrorKind::Usage, fmt::format("plan: {}: weight.bias_correction needs {} numbers, one per result channel; there are {}",
                                                      op.name, weights->channelScale.size(), error.size()));
        }
        std::ranges::transform(error, error.begin(), std::negate<> {});
        weights = m_weights.shifted(weights, op, src, error);
        ++m_corrected;
    }

    /// What repairs did, in warnings: one line each.
    void sayRepairs()
    {
        std::vector<std::string> proven;
        std::vector<std::string> calibrated;
        std::uint64_t samples = 0;
        for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
            if (!m_result.operators[i].weights) {
                continue;
            }
            const DeadChannels& dead = m_result.operators[i].weights->dead;
            const auto count = [&](const auto& all, const auto& seen, std::size_t& a, std::size_t& b) {
                a += all.size() - seen.size();
                b += seen.size();
            };
            std::size_t ofProven = 0;
            std::size_t ofCalibrated = 0;
            count(dead.sources, dead.calibratedSources, ofProven, ofCalibrated);
            count(dead.results, dead.calibratedResults, ofProven, ofCalibrated);
            if (ofProven > 0) {
                proven.push_back(fmt::format("{} {}", m_graph.operators[i].name, ofProven));
            }
            if (ofCalibrated > 0) {
                calibrated.push_back(fmt::format("{} {}", m_graph.operators[i].name, ofCalibrated));
                samples = std::max(samples, dead.samples);
            }
        }
        if (!m_graph.equalized.empty()) {
            std::vector<std::string> pairs;
            for (const EqualizedPair& pair : m_graph.equalized) {
                pairs.push_back(fmt::format("{} > {}", m_graph.at(pair.producer).name, m_graph.at(pair.consumer).name));
            }
            m_result.warnings.push_back(fmt::format("weight.equalize: {} pairs of operators are equalized: {}", pairs.size(), fmt::join(pairs, ", ")));
        }
        if (!proven.empty()) {
            m_result.warnings.push_back(fmt::format("weight.zero_dead_channels: dead whatever the input, weights count as zero: channels of {}",
                                                    fmt::join(proven, ", ")));
        }
        if (!calibrated.empty()) {
            m_result.warnings.push_back(fmt::format("weight.zero_dead_channels: zero in all {} calibration samples, which proves nothing of "
                                                    "others, weights count as zero: channels of {}", samples, fmt::join(calibrated, ", ")));
        }
        if (m_corrected > 0) {
            m_result.warnings.push_back(fmt::format("weight.bias_correction: {} operators have a corrected bias", m_corrected));
        }
        if (!m_uncorrected.empty()) {
            m_result.warnings.push_back(fmt::format("weight.bias_correction: no means by channel, so no analytic correction, for {}",
                                                    fmt::join(m_uncorrected, ", ")));
        }
    }

    void setArithmetic(OperatorId id)
    {
        const Operator& op = m_graph.at(id);
        ResolvedOperator& result = m_result.operators[indexOf(id)];
        result.arithmetic
            = linearArithmetic(op, m_settings[indexOf(id)], valueOf(op.inputs[0]).params,
                               result.writesCodes ? &valueOf(op.result()).params : nullptr,
                               op.residual ? &valueOf(op.inputs[*op.residual]).params : nullptr, *result.weights);
        if (!result.arithmetic.note.empty()) {
            m_result.warnings.push_back(op.name + ": " + result.arithmetic.note);
        }
    }

    void addWrittenWeights(const Operator& op, ResolvedOperator& result)
    {
        for (std::size_t i = 0; i < op.inputs.size() && i < 2; ++i) {
            const bool isWeights = result.kind == QuantizedKind::Linear ? i == 1 : result.kind == QuantizedKind::Binary && op.constants[i];
            if (!isWeights) {
                continue;
            }
            result.weights = writtenWeights(m_graph, op, i, result.kind == QuantizedKind::Linear ? &valueOf(op.inputs[0]).params : nullptr);
            if (!result.weights) {
                throw Error(ErrorKind::Usage,
                            fmt::format("plan: the model holds no quantized weights for {}: set its weight.method, e.g. minmax", op.name));
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
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (!isReal(op, i)) {
                continue;
            }
            const bool codes = m_result.isCodes(m_graph, op.inputs[i]);
            const bool quantized = codes || r.kind != QuantizedKind::None;
            if (quantized && valueOf(op.inputs[i]).isDynamic) {
                const QuantizationParams& params = valueOf(op.inputs[i]).params;
                key.add(std::string_view("dynamic")).add(params.type).add(params.bits);
                continue;
            }
            key.add(codes).add(quantized ? fingerprintOf(valueOf(op.inputs[i]).params) : Fingerprint {});
        }
        for (const ValueId output : op.outputs) {
            if (output != kNoValue && m_result.isCodes(m_graph, output)) {
                key.add(fingerprintOf(valueOf(output).params));
            }
        }
        if (r.weights) {
            key.add(fingerprintOf(r.weights->params)).add(r.weights->method);
            key.add(r.weights->dead.sources).add(r.weights->dead.results).add(r.weights->biasShift);
            const RoundingMask mask = m_settings[indexOf(id)].weight.roundingMask.value_or(RoundingMask {});
            key.add(mask.isSet() ? *mask.bits : std::vector<std::uint8_t> {});
        }
        return key.finish();
    }

    const OperatorGraph& m_graph;
    const QuantizationPlan& m_plan;
    const std::vector<TensorStatistics>& m_statistics;
    WeightCache& m_weights;
    std::vector<OperatorSettings> m_settings;
    std::map<std::size_t, std::shared_ptr<Range>> m_shared; ///< by ValueId: ranges that several values have in common
    std::vector<std::string> m_notDynamic; // values that wish to be, and why they are not
    std::size_t m_corrected = 0;           // operators with a corrected bias
    std::vector<std::string> m_uncorrected;
    ResolvedPlan m_result;
};

} // namespace

ResolvedPlan resolvePlan(const OperatorGraph& graph, const QuantizationPlan& plan,
                         const std::vector<TensorStatistics>& statistics, WeightCache& weights)
{
    return Resolver(graph, plan, statistics, weights).run();
}

} // namespace core
