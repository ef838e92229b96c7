#include "core/diagnosis/measure_fixes.h"

#include "core/base/error.h"
#include "core/measure/layer_metrics.h"
#include "core/measure/leave_one_in.h"
#include "core/measure/output_analysis.h"
#include "core/report/non_finite.h"

#include <algorithm>
#include <limits>

namespace core {

namespace {

constexpr double kNearlyAsMuch = 0.85; ///< of the best gain

void recommend(std::vector<Fix>& fixes)
{
    double best = kLeastGain;
    for (const Fix& fix : fixes) {
        best = std::max(best, fix.gainDb.value_or(0.0));
    }
    Fix* chosen = nullptr;
    for (Fix& fix : fixes) { // best first, so of equal cost the first one wins
        const bool isEnough = fix.gainDb && *fix.gainDb >= kLeastGain && *fix.gainDb >= kNearlyAsMuch * best;
        if (isEnough && (!chosen || fix.cost < chosen->cost)) {
            chosen = &fix;
        }
    }
    if (chosen) {
        chosen->recommended = true;
    }
}

} // namespace

std::optional<OutputQuality> outputQuality(Session& session, const QuantizationPlan& plan,
                                           const std::stop_token& stop)
{
    const auto result = session.outputs(plan, stop, {});
    if (!result) {
        return std::nullopt;
    }
    const DataSource& data = session.data();
    const auto graph = session.operators(plan);
    const auto outputs = measuredOutputs(*graph, data.labelsOutput, data.evaluation->hasLabels());
    OutputQuality quality;
    quality.samples = result->samples;
    if (!result->sums.empty()) {
        quality.sqnrDb =
            metricsOf(decisiveError(result->sums, outputs), std::nullopt, result->samples).sqnrDb;
    }
    if (result->accuracy && result->accuracy->labelled) {
        quality.top1 = result->accuracy->quantized.top1;
    }
    return quality;
}

double gainBetween(const OutputQuality& from, const OutputQuality& to)
{
    return decibelGain(from.sqnrDb, to.sqnrDb);
}

bool measureFixes(Session& session, const QuantizationPlan& plan, const OutputQuality& now, Finding& finding,
                  const PlanObjection& objection, const std::stop_token& stop)
{
    for (Fix& fix : finding.fixes) {
        try {
            const QuantizationPlan fixedPlan = fix.apply(plan);
            fix.refused = objection ? objection(fixedPlan) : std::string();
            if (!fix.refused.empty()) {
                continue;
            }
            const auto quality = outputQuality(session, fixedPlan, stop);
            if (!quality) {
                return false;
            }
            fix.measured = quality;
            fix.gainDb = gainBetween(now, *quality);
            if (now.top1 && quality->top1) {
                fix.gainTop1 = *quality->top1 - *now.top1;
            }
        } catch (const Error& error) {
            fix.refused = error.what();
        }
    }
    std::ranges::stable_sort(finding.fixes, std::greater<>{}, [](const Fix& fix) {
        return fix.gainDb.value_or(-std::numeric_limits<double>::infinity());
    });
    recommend(finding.fixes);
    return true;
}

} // namespace core
