#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::rules {

namespace {

/// What calibration data like the evaluation data would need. Where those are narrower by less than this
/// factor, chance decides it, above all where they are fewer: min-max only ever grows with the samples.
Range neededRange(const Range& calibrated, const Range& evaluated)
{
    constexpr double kMuchTooWide = 2.0;
    return calibrated.max - calibrated.min >= kMuchTooWide * (evaluated.max - evaluated.min)
        ? evaluated
        : Range{std::min(calibrated.min, evaluated.min), std::max(calibrated.max, evaluated.max)};
}

} // namespace

/// What ranges of the evaluation data would save, summed over the network: by clipping where the calibration
/// data do not reach, by rounding where they reach much too far.
void findUnlikeCalibration(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr std::size_t kFewSamples = 8;
    constexpr double kLeastSum = 0.1;
    if (input.calibratesOnEvaluation) {
        return;
    }
    double severity = 0.0;
    double worst = 0.0;
    std::size_t worstAt = 0;
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* calibrated = input.calibrated(i);
        const TensorStatistics* evaluated = input.evaluated(i);
        const PartShares parts = partShares(input, i);
        if (!value || !calibrated || !evaluated || value->method.name == "manual"
            || calibrated->total.count == 0) {
            continue;
        }
        // Of min-max on both sides: what methods cut off on purpose is another matter.
        const double now = expectedError(input, i, paramsFor(input, i, observedRange(*calibrated)));
        const Range needed = neededRange(observedRange(*calibrated), observedRange(*evaluated));
        const double better = expectedError(input, i, paramsFor(input, i, needed));
        const double saved = now > 0.0 ? std::max(0.0, 1.0 - better / now) * (parts.clip + parts.round) : 0.0;
        severity += saved;
        if (saved > worst) {
            worst = saved;
            worstAt = i;
        }
    }
    if (severity < kLeastSum) {
        return;
    }
    const bool few = input.calibrationSamples < kFewSamples;
    const Range calibrated = observedRange(*input.calibrated(worstAt));
    const Range evaluated = observedRange(*input.evaluated(worstAt));
    Finding finding;
    finding.cause = few ? DiagnosedCause::TooFewSamples : DiagnosedCause::UnlikeCalibration;
    finding.severity = std::min(1.0, severity);
    finding.guilty = input.data.inputs.empty() ? input.at(worstAt).name : input.data.inputs.front().name;
    finding.tensors = {input.outputName(worstAt)};
    finding.proofs.push_back(
        {"calibration samples", static_cast<double>(input.calibrationSamples), "", input.calibrationSamples});
    finding.proofs.push_back(
        {"calibrated maximum of the worst tensor", calibrated.max, "", input.calibrated(worstAt)->samples});
    finding.proofs.push_back(
        {"its maximum in the evaluation data", evaluated.max, "", input.evaluated(worstAt)->samples});
    finding.proofs.push_back({"calibrated minimum", calibrated.min, "", input.calibrated(worstAt)->samples});
    finding.proofs.push_back(
        {"its minimum in the evaluation data", evaluated.min, "", input.evaluated(worstAt)->samples});
    finding.explanation = fmt::format(
        "'{}' spans [{:.4g}, {:.4g}] in {} calibration samples and [{:.4g}, {:.4g}] in the evaluation data{}",
        finding.tensors.front(), calibrated.min, calibrated.max, input.calibrationSamples, evaluated.min,
        evaluated.max, few ? ": calibrate on more samples" : "");
    finding.fixes = {rangesFix(input,
                               "ranges of the evaluation inputs, until the calibration data are like them",
                               evaluationRanges(input))};
    findings.push_back(std::move(finding));
}

} // namespace core::rules
