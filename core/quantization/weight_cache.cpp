#include "core/quantization/weight_cache.h"

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
    auto& entry = m_entries[key.finish()];
    if (!entry) {
        entry = src ? quantizeWeights(op, settings, *src, dead)
                    : quantizeOperand(*op.constants[operand], settings);
    }
    return entry;
}

std::shared_ptr<const QuantizedWeights>
WeightCache::shifted(const std::shared_ptr<const QuantizedWeights>& weights, const Operator& op,
                     const QuantizationParams& src, const std::vector<float>& shift)
{
    // The unshifted weights stay in the cache, so their address stands for them.
    FingerprintBuilder key;
    key.add(std::string_view("shifted"))
        .add(reinterpret_cast<std::uintptr_t>(weights.get()))
        .add(fingerprintOf(src))
        .add(shift);
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

} // namespace core
