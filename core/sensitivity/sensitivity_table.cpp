#include "core/sensitivity/sensitivity_table.h"

#include "core/sensitivity/fast_ranking.h"
#include "core/sensitivity/output_probe.h"

#include <algorithm>

namespace core {

namespace {

constexpr std::size_t kFlowSamples = 4;

/// Every operator exactly. Fills the rows; false when stopped.
bool measureExact(Session& session, OutputProbe& probe, const EffectMemory& memory,
                  const std::stop_token& stop, const ProgressCallback& progress, SensitivityTable& table)
{
    const auto report = session.run(table.plan, stop, progress);
    if (!report) {
        return false;
    }
    const auto effects = measureLeaveOne(session, probe, sensitiveOperators(probe.network()), LeaveOne::Both,
                                         memory, stop, progress);
    if (!effects) {
        return false;
    }
    table.rows = threeTruths(*report, table.outputs, table.all, *effects);
    return true;
}

/// All operators by prediction, those that the output feels most exactly.
bool measureFast(Session& session, OutputProbe& probe, std::size_t confirmed, const EffectMemory& memory,
                 const std::stop_token& stop, const ProgressCallback& progress, SensitivityTable& table)
{
    auto effects = predictEffects(probe, *table.flow, samplesToRank(probe.samples()), stop, progress);
    if (!effects) {
        return false;
    }
    const std::vector<OperatorId> operators = sensitiveOperators(probe.network());
    const ValueId output = table.outputs[decidingOutput(table.all, table.outputs)].value;
    const auto leaveOut =
        predictLeaveOut(session, probe, operators, output,
                        samplesToLinearise(probe.samples(), operators.size()), stop, progress);
    if (!leaveOut) {
        return false;
    }
    useLeaveOut(*leaveOut, table.all, table.outputs, *effects);
    table.linearised = leaveOut->samples;
    table.ends = leaveOut->ends;
    table.rows = predictedTruths(probe, *table.flow, *effects);
    return confirmWorst(session, probe, confirmed, memory, stop, progress, table.rows);
}

bool hasKnownOutputs(const PreparedNetwork& network)
{
    return std::ranges::all_of(network.outputs, [&](const MeasuredOutput& output) {
        return network.graph().value(output.value).type == DataType::Float32;
    });
}

} // namespace

std::optional<SensitivityTable> measureSensitivity(Session& session,
                                                   std::shared_ptr<const QuantizationPlan> plan,
                                                   const SensitivityOptions& options,
                                                   const EffectMemory& memory, const std::stop_token& stop,
                                                   const ProgressCallback& progress)
{
    OutputProbe probe(session, *plan,
                      options.samples > 0 ? options.samples : session.data().evaluation->size());
    if (!probe.begin(stop, progress)) {
        return std::nullopt;
    }
    SensitivityTable table;
    table.plan = std::move(plan);
    table.method = options.method;
    table.outputs = probe.network().outputs;
    table.all = probe.base();
    table.flow = measureErrorFlow(probe, kFlowSamples, stop, progress);
    if (!table.flow) {
        return std::nullopt;
    }
    // Without an output of known shape to compare there is nothing to predict from: the errors of the
    // operators are all there is.
    const bool finished = options.method == SensitivityMethod::Fast && !table.outputs.empty()
            && hasKnownOutputs(probe.network())
        ? measureFast(session, probe, options.confirmed, memory, stop, progress, table)
        : measureExact(session, probe, memory, stop, progress, table);
    return finished ? std::optional(std::move(table)) : std::nullopt;
}

} // namespace core
