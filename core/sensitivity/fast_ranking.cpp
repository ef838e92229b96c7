#include "core/sensitivity/fast_ranking.h"

#include "core/report/non_finite.h"
#include "core/sensitivity/leave_one.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace core {

namespace {

constexpr double kMostShare = 0.99; // of all the error: more cannot be told from predictions

std::optional<double> ratio(double energy, double reference)
{
    return reference == 0.0 ? std::nullopt : std::optional(relativeError(energy, reference));
}

} // namespace

std::size_t decidingOutput(const OutputEffect& effect, const std::vector<MeasuredOutput>& outputs)
{
    const auto logits = std::ranges::find(outputs, "logits", &MeasuredOutput::kind);
    if (logits != outputs.end()) {
        return static_cast<std::size_t>(logits - outputs.begin());
    }
    const auto worst = std::ranges::max_element(effect.outputs, {}, [](const OutputEffect::Sums& sums) {
        return relativeError(sums.squaredError, sums.squaredReference);
    });
    return static_cast<std::size_t>(worst - effect.outputs.begin());
}

std::size_t samplesToLinearise(std::size_t samples, std::size_t operators)
{
    constexpr std::size_t kOperatorsPerSample = 34; // whose exact leave-one-out a sample costs
    return std::min(std::max<std::size_t>(samples * operators / (10 * kOperatorsPerSample), 16), samples);
}

void useLeaveOut(const LinearLeaveOut& leaveOut, const OutputEffect& all,
                 const std::vector<MeasuredOutput>& outputs, std::vector<PredictedEffect>& effects)
{
    const OutputEffect::Sums& base = all.outputs[decidingOutput(all, outputs)];
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const LinearEffect& linear = leaveOut.effects[i];
        assert(linear.op == effects[i].op);
        if (!linear.isKnown || !(leaveOut.squaredError > 0.0) || !std::isfinite(linear.removed)) {
            continue;
        }
        const double left = 1.0 - std::min(linear.removed / leaveOut.squaredError, kMostShare);
        effects[i].gainDb = -10.0 * std::log10(left);
        effects[i].gainErrorDb =
            10.0 / std::numbers::ln10 * linear.standardError / (leaveOut.squaredError * left);
        effects[i].allButThis = ratio(base.squaredError * left, base.squaredReference);
        effects[i].gainSource = GainSource::ReversePass;
    }
}

std::size_t samplesToRank(std::size_t samples)
{
    return std::min(std::max<std::size_t>(samples / 8, 4), samples);
}

std::optional<std::vector<PredictedEffect>> predictEffects(OutputProbe& probe, const ErrorFlow& flow,
                                                           std::size_t samples, const std::stop_token& stop,
                                                           const ProgressCallback& progress)
{
    const std::vector<OperatorId> operators = sensitiveOperators(probe.network());
    std::vector<PredictedEffect> result;
    double all = 0.0;
    for (const OperatorId id : operators) {
        const auto effect = probe.withOnly(id, stop, samples);
        if (!effect) {
            return std::nullopt;
        }
        PredictedEffect& predicted = result.emplace_back();
        predicted.op = id;
        predicted.onlyThis = relativeL2Of(*effect, probe.network().outputs).value_or(0.0);
        all += result.back().onlyThis * result.back().onlyThis;
        if (progress) {
            progress({"Ranking", result.size(), operators.size()});
        }
    }
    for (PredictedEffect& effect : result) {
        const OperatorFlow& op = flow.operators[indexOf(effect.op)];
        const double weights = op.squaredOwn > 0.0 ? std::min(op.squaredWeights / op.squaredOwn, 1.0) : 0.0;
        const double share =
            all > 0.0 ? std::min(weights * effect.onlyThis * effect.onlyThis / all, kMostShare) : 0.0;
        effect.gainDb = -10.0 * std::log10(1.0 - share);
    }
    return result;
}

std::vector<OperatorTruths> predictedTruths(const OutputProbe& probe, const ErrorFlow& flow,
                                            const std::vector<PredictedEffect>& effects)
{
    std::vector<OperatorTruths> rows;
    for (const PredictedEffect& effect : effects) {
        const Operator& op = probe.network().graph().at(effect.op);
        const OperatorFlow& energies = flow.operators[indexOf(effect.op)];
        OperatorTruths row;
        row.op = effect.op;
        row.name = op.name;
        row.type = op.type;
        row.isolated = ratio(energies.squaredOwn, energies.squaredReference);
        row.accumulated = ratio(energies.squaredOut, energies.squaredReference);
        row.onlyThis = effect.onlyThis;
        row.allButThis = effect.allButThis;
        row.gainDb = effect.gainDb;
        row.gainSource = effect.gainSource;
        row.gainErrorDb = effect.gainErrorDb;
        row.isPredicted = true;
        rows.push_back(std::move(row));
    }
    rankTruths(rows);
    return rows;
}

bool confirmWorst(Session& session, OutputProbe& probe, std::size_t count, const EffectMemory& memory,
                  const std::stop_token& stop, const ProgressCallback& progress,
                  std::vector<OperatorTruths>& rows)
{
    std::vector<OperatorTruths*> order;
    for (OperatorTruths& row : rows) {
        order.push_back(&row);
    }
    std::ranges::stable_sort(order, std::greater<>{},
                             [](const OperatorTruths* row) { return row->onlyThis.value_or(0.0); });
    order.resize(std::min(count, order.size()));
    std::vector<OperatorId> operators;
    for (const OperatorTruths* row : order) {
        operators.push_back(row->op);
    }
    const auto effects = measureLeaveOne(session, probe, operators, LeaveOne::Both, memory, stop, progress);
    if (!effects) {
        return false;
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        fillAtOutput(*order[i], probe.network().outputs, probe.base(), (*effects)[i]);
    }
    rankTruths(rows);
    return true;
}

} // namespace core
