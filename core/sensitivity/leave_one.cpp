#include "core/sensitivity/leave_one.h"

namespace core {

namespace {

template <typename Measure>
std::optional<OutputEffect> remembered(const EffectMemory& memory, const Fingerprint& key,
                                       const std::string& what, const Measure& measure)
{
    if (memory.find) {
        if (auto known = memory.find(key)) {
            return known;
        }
    }
    auto effect = measure();
    if (effect && memory.keep) {
        memory.keep(key, what, *effect);
    }
    return effect;
}

FingerprintBuilder keyOfData(const Session& session, std::string_view kind, std::size_t samples)
{
    FingerprintBuilder key;
    key.add(kind).add(std::string_view(session.model().sha256)).add(samples);
    key.add(std::string_view(session.data().evaluation->fingerprint()));
    return key;
}

} // namespace

std::vector<OperatorId> sensitiveOperators(const PreparedNetwork& network)
{
    std::vector<OperatorId> result;
    for (std::size_t i = 0; i < network.plan.operators.size(); ++i) {
        if (network.isQuantized(i)) {
            result.push_back(OperatorId(i));
        }
    }
    return result;
}

Fingerprint effectKey(const Session& session, const PreparedNetwork& network, std::size_t samples)
{
    FingerprintBuilder key = keyOfData(session, "plan", samples);
    for (const ResolvedOperator& op : network.plan.operators) {
        key.add(op.key);
    }
    return key.finish();
}

std::optional<std::vector<LeaveOneEffect>> measureLeaveOne(Session& session, OutputProbe& probe,
                                                           const std::vector<OperatorId>& operators,
                                                           LeaveOne which, const EffectMemory& memory,
                                                           const std::stop_token& stop,
                                                           const ProgressCallback& progress)
{
    std::vector<LeaveOneEffect> result;
    for (const OperatorId id : operators) {
        const std::string& name = probe.network().graph().at(id).name;
        LeaveOneEffect effect{id, {}, {}};
        if (which != LeaveOne::Out) {
            const Fingerprint key = keyOfData(session, "only", probe.samples())
                                        .add(indexOf(id))
                                        .add(probe.network().plan.operators[indexOf(id)].isolatedKey)
                                        .finish();
            effect.in = remembered(memory, key, "only " + name, [&] { return probe.withOnly(id, stop); });
        }
        if (which != LeaveOne::In) {
            const auto network = session.prepare(probe.without(id), stop, {});
            if (network) {
                effect.out = remembered(memory, effectKey(session, *network, probe.samples()),
                                        "all but " + name, [&] { return probe.under(*network, stop); });
            }
        }
        if (stop.stop_requested() || (which != LeaveOne::Out && !effect.in)
            || (which != LeaveOne::In && !effect.out)) {
            return std::nullopt;
        }
        result.push_back(std::move(effect));
        if (progress) {
            progress({"Sensitivity", result.size(), operators.size()});
        }
    }
    return result;
}

} // namespace core
