#include "core/quantization/value_resolver.h"

#include "core/base/error.h"
#include "core/calibration/run_time_range.h"
#include "core/quantization/dynamic_rule.h"
#include "core/quantization/scheme.h"
#include "core/quantization/written_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace core {

ValueResolver::ValueResolver(const OperatorGraph& graph, const OperatorSettings& defaults,
                             const std::vector<OperatorSettings>& settings,
                             const std::vector<TensorStatistics>& statistics,
                             std::vector<std::optional<ResolvedValue>>& values)
    : m_graph(graph)
    , m_defaults(defaults)
    , m_settings(settings)
    , m_statistics(statistics)
    , m_values(values)
{
    m_values.resize(graph.graph->values().size());
    shareRanges();
}

ValueId ValueResolver::rootOf(ValueId id) const
{
    for (const Operator* op = producer(id);
         op && quantizedFormOf(m_graph, *op).kind == QuantizedKind::Inherits; op = producer(id)) {
        id = dataInput(*op);
    }
    return id;
}

void ValueResolver::shareRanges()
{
    for (std::size_t i = 0; i < m_graph.operators.size(); ++i) {
        const Operator& op = m_graph.operators[i];
        if (!m_settings[i].shareRange.value_or(false)
            || quantizedFormOf(m_graph, op).kind != QuantizedKind::Concat) {
            continue;
        }
        std::vector<ValueId> members{op.outputs[0]};
        std::ranges::transform(op.inputs, std::back_inserter(members),
                               [&](ValueId id) { return rootOf(id); });
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

Range ValueResolver::calibratedRange(ValueId id) const
{
    const auto op = m_graph.producerOf[indexOf(id)];
    const ActivationSettings& wish = (op ? m_settings[indexOf(*op)] : m_defaults).activation;
    if (wish.method->name == "manual") {
        return wish.range.value_or(Range{});
    }
    CalibrationMethod method = methodOf(id, wish);
    if (isRunTime(method)) {
        method = {"minmax", std::nullopt};
    }
    const Scheme scheme = wish.type ? schemeOf(*wish.type, goesBelowZero(id)) : *wish.scheme;
    return calibrate(m_statistics[indexOf(id)], method, {scheme, effectiveBits(wish)});
}

bool ValueResolver::goesBelowZero(ValueId id) const
{
    id = rootOf(id);
    const auto op = m_graph.producerOf[indexOf(id)];
    const ActivationSettings& wish = (op ? m_settings[indexOf(*op)] : m_defaults).activation;
    if (wish.method->name == "manual" && wish.range) {
        return wish.range->min < 0.0;
    }
    const Moments& moments = m_statistics[indexOf(id)].total;
    return moments.count > 0 && moments.min < 0.0;
}

CalibrationMethod ValueResolver::methodOf(ValueId id, const ActivationSettings& wish) const
{
    const bool isFixed = wish.method->name == "manual" || wish.method->name == kWrittenMethod;
    const CalibrationMethod* const readers = isFixed ? nullptr : readersMethod(id);
    return readers ? *readers : *wish.method;
}

const CalibrationMethod* ValueResolver::readersMethod(ValueId id) const
{
    for (const OperatorId reader : m_graph.consumersOf[indexOf(id)]) {
        const Operator& op = m_graph.at(reader);
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            if (op.inputs[i] != id) {
                continue;
            }
            const auto& wish = m_settings[indexOf(reader)].activation.inputMethods;
            if (wish && wish->byInput.contains(i)) {
                return &wish->byInput.at(i);
            }
            if (i == 0 && quantizedFormOf(m_graph, op).kind == QuantizedKind::Inherits) {
                if (const CalibrationMethod* const further = readersMethod(op.result())) {
                    return further;
                }
            }
        }
    }
    return nullptr;
}

const Operator* ValueResolver::producer(ValueId id) const
{
    const auto op = m_graph.producerOf[indexOf(id)];
    return op ? &m_graph.at(*op) : nullptr;
}

const ResolvedValue& ValueResolver::valueOf(ValueId id)
{
    auto& slot = m_values[indexOf(id)];
    if (slot) {
        return *slot;
    }
    const auto op = m_graph.producerOf[indexOf(id)];
    if (op && !isWritten(id) && quantizedFormOf(m_graph, m_graph.at(*op)).kind == QuantizedKind::Inherits) {
        slot = valueOf(dataInput(m_graph.at(*op)));
        return *slot;
    }
    const OperatorSettings& settings = op ? m_settings[indexOf(*op)] : m_defaults;
    const ActivationSettings& wish = settings.activation;
    ResolvedValue value;
    value.method = methodOf(id, wish);
    if (isWritten(id) && isWrittenDynamic(m_graph, id)) {
        value.isDynamic = true;
        value.method = {"dynamic", std::nullopt};
        // What an export without a form of it says: the range of the calibration data.
        const auto& statistics = m_statistics[indexOf(id)];
        value.threshold = statistics.samples > 0
            ? calibrate(statistics, {"minmax", std::nullopt}, {Scheme::Asymmetric, 8})
            : Range{};
        value.params = chooseActivationParams(value.threshold, Scheme::Asymmetric, 8);
        slot = std::move(value);
        return *slot;
    }
    if (const QuantizationParams* written = isWritten(id) ? writtenParams(m_graph, id) : nullptr) {
        value.params = *written;
        value.threshold = written->range();
        slot = std::move(value);
        return *slot;
    }
    if (isRunTime(value.method)) {
        const std::string obstacle = obstacleToDynamic(m_graph, m_settings, id);
        value.isDynamic = obstacle.empty();
        if (!value.isDynamic) {
            m_notDynamic.push_back(fmt::format("'{}' ({})", m_graph.value(id).name, obstacle));
            value.method = {"minmax", std::nullopt};
        }
    }
    if (value.method.name == "manual") {
        if (!wish.range) {
            throw Error(ErrorKind::Usage,
                        fmt::format("plan: {} has method manual and no range: add \"range\": [min, max]",
                                    op ? m_graph.at(*op).name : m_graph.value(id).name));
        }
        value.threshold = *wish.range;
    } else if (const auto shared = m_shared.find(indexOf(id)); shared != m_shared.end()) {
        value.threshold = *shared->second;
    } else {
        value.threshold = calibratedRange(id);
    }
    const auto follower = wish.followedBy.value_or(false) ? followerOf(m_graph, id) : Follower::None;
    value.readersRange = readersRange(follower, wish.convention.value_or(Convention::Noisefloor));
    if (value.readersRange) {
        value.threshold = narrowed(value.threshold, *value.readersRange);
    }
    value.params = activationParams(value.threshold, wish,
                                    op ? provenanceOf(m_graph, m_graph.at(*op)) : Provenance::Signed);
    if (wish.convention == Convention::Dnnlowp
        && (follower == Follower::Sigmoid || follower == Follower::Tanh)) {
        value.params = dnnlowpTableParams(follower);
    }
    if (op && wish.convention == Convention::Dnnlowp) {
        setTableResult(m_graph.at(*op), value);
    }
    value.params.rounding = settings.rounding.value_or(Rounding::HalfEven);
    slot = std::move(value);
    return *slot;
}

void ValueResolver::setTableResult(const Operator& op, ResolvedValue& value)
{
    for (const Follower kind : {Follower::Sigmoid, Follower::Tanh}) {
        const bool isReal = !op.inputs.empty() && op.inputs[0] != kNoValue && !op.constants[0];
        if (isReal && dnnlowpTableOf(op, valueOf(op.inputs[0]).params, dnnlowpTableResult(kind)) == kind) {
            value.params = dnnlowpTableResult(kind);
            value.threshold = value.params.range();
        }
    }
}

bool ValueResolver::isReal(const Operator& op, std::size_t i) const
{
    return op.inputs[i] != kNoValue && !op.constants[i]
        && m_graph.value(op.inputs[i]).type == DataType::Float32;
}

bool ValueResolver::isWritten(ValueId id) const
{
    const auto op = m_graph.producerOf[indexOf(id)];
    return op && m_settings[indexOf(*op)].activation.method->name == kWrittenMethod;
}

bool ValueResolver::isReadable(ValueId id) const
{
    const QuantizationParams* written = writtenParams(m_graph, id);
    return !isWritten(id) || (written && written->bits <= 8) || isWrittenDynamic(m_graph, id);
}

} // namespace core
