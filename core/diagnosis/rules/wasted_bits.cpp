#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// The step that the same threshold would have with every code in use.
void findWastedBits(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* seen = input.evaluated(i);
        if (!value || !seen || seen->total.count == 0) {
            continue;
        }
        const int bits = *input.settings(i).activation.bits;
        Range threshold = value->threshold;
        if (seen->total.min >= 0.0f) {
            threshold.min = 0.0; // what a symmetric threshold has below zero is not needed
        } else if (seen->total.max <= 0.0f) {
            threshold.max = 0.0;
        }
        const float best = chooseActivationParams(threshold, Scheme::Asymmetric, bits).scale[0];
        const double severity = partShares(input, i).round * explainedByStep(value->params.scale[0], best);
        if (severity < kLeastSeverity || value->params.scale[0] < 1.2f * best) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::WastedBits, severity);
        finding.proofs.push_back({"step", value->params.scale[0], "", 0});
        finding.proofs.push_back({"step with all codes", best, "", 0});
        finding.proofs.push_back({"least value", static_cast<double>(seen->total.min), "", seen->samples});
        finding.proofs.push_back({"largest value", static_cast<double>(seen->total.max), "", seen->samples});
        finding.explanation = fmt::format(
            "{} values in [{:.4g}, {:.4g}] are rounded to steps of {:.3g}; all {} codes would give {:.3g}",
            finding.guilty, seen->total.min, seen->total.max, value->params.scale[0], 1 << bits, best);
        finding.fixes = {schemeFix(input.at(i), Scheme::Asymmetric), activationBitsFix(input.at(i), 16)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
