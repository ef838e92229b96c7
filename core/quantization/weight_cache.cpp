#include "core/quantization/weight_cache.h"

#include "core/network/fold_rules.h"
#include "core/plan/plan_fields.h"
#include "core/quantization/scheme.h"

#include <string_view>

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

std::shared_ptr<const QuantizedWeights> WeightCache::get(const Operator& op, const WeightSettings& settings,
                                                         const QuantizationParams* src, std::size_t operand,
                                                         const DeadChannels& dead)
{
    FingerprintBuilder key;
    key.add(op.name).add(operand).add(weightKeyOf(settings));
    key.add(src ? fingerprintOf(*src) : Fingerprint{});
    // Folding depends on the fusion, so the same operator may carry other constants.
    key.add(reinterpret_cast<std::uintptr_t>(op.constants[operand]->data()));
    key.add(dead.sources).add(dead.results).add(dead.calibratedSources).add(dead.calibratedResults);
    const Fingerprint id = key.finish();
    if (const auto known = m_entries.find(id)) {
        return known->weights;
    }
    auto made = src             ? quantizeWeights(op, settings, *src, dead)
        : hasBatchedWeights(op) ? quantizeMatrices(*op.constants[operand], settings)
                                : quantizeOperand(*op.constants[operand], settings);
    const std::size_t bytes = made->byteCount();
    return m_entries.insert(id, {std::move(made), nullptr}, bytes).weights;
}

std::shared_ptr<const QuantizedWeights>
WeightCache::shifted(const std::shared_ptr<const QuantizedWeights>& weights, const Operator& op,
                     const QuantizationParams& src, const std::vector<float>& shift)
{
    // The entry holds the unshifted weights, so their address stands for them.
    FingerprintBuilder key;
    key.add(std::string_view("shifted"))
        .add(reinterpret_cast<std::uintptr_t>(weights.get()))
        .add(fingerprintOf(src))
        .add(shift);
    const Fingerprint id = key.finish();
    if (const auto known = m_entries.find(id)) {
        return known->weights;
    }
    auto made = withBiasShift(*weights, op, src, shift);
    const std::size_t bytes = made->byteCount() + weights->byteCount();
    return m_entries.insert(id, {std::move(made), weights}, bytes).weights;
}

const std::vector<std::vector<Interval>>& WeightCache::intervals(const OperatorGraph& graph)
{
    if (!m_intervals) {
        m_intervals = channelIntervals(graph);
    }
    return *m_intervals;
}

} // namespace core
