#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// An error that is the same in every position of a channel can go into the bias.
void findMeanShift(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastExplained = 0.3;
    constexpr double kLeastShareOfEnergy = 0.5;
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const OperatorProbe& probe = input.probe.operators[i];
        if (!probe.parts || probe.share < kLeastShare || probe.atOutput <= 0.0
            || input.resolved.operators[i].kind != QuantizedKind::Linear) {
            continue;
        }
        const double explained = 1.0 - probe.parts->withoutMean / probe.atOutput;
        if (explained < kLeastExplained || probe.meanShare < kLeastShareOfEnergy) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::MeanShift, probe.share * explained);
        finding.specificity = 0.8; // a symptom: what shifts the mean explains as much, and comes first
        finding.proofs.push_back({"constant per channel, of the operator's error energy",
                                  100.0 * probe.meanShare, "%", input.probe.samples});
        finding.proofs.push_back(
            {"of its effect at the output", 100.0 * explained, "%", input.probe.samples});
        finding.explanation = fmt::format(
            "{:.0f} % of the error of {} is a constant per channel that a corrected bias takes away",
            100.0 * probe.meanShare, finding.guilty);
        finding.fixes = {biasCorrectionFix(input.at(i)), floatFix(input.at(i))};
        if (input.settings(i).weight.granularity->kind == Granularity::Kind::PerTensor) {
            finding.fixes.push_back(perChannelFix(input.at(i)));
        }
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
