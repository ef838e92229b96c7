#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// A method that cuts off values which matter: its clipping against the error that min-max of the same
/// calibration data would leave.
void findClipping(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* calibrated = input.calibrated(i);
        const TensorStatistics* seen = input.evaluated(i);
        if (!value || !calibrated || !seen || value->method.name == "manual") {
            continue;
        }
        const double now = expectedError(input, i, value->params);
        const double better = expectedError(input, i, paramsFor(input, i, observedRange(*calibrated)));
        const double severity =
            now > 0.0 ? partShares(input, i).clip * std::max(0.0, 1.0 - better / now) : 0.0;
        if (severity < kLeastSeverity) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::ClippedTooHard, severity);
        finding.proofs.push_back({"values outside",
                                  100.0 * quantizationCost(*seen, value->params).clippedShare, "%",
                                  seen->samples});
        finding.proofs.push_back({"threshold", value->threshold.max, "", calibrated->samples});
        finding.proofs.push_back({"largest value", static_cast<double>(seen->total.max), "", seen->samples});
        finding.proofs.push_back(
            {"squared error now ÷ with min-max", better > 0.0 ? now / better : now, "", seen->samples});
        finding.explanation = fmt::format(
            "{} clips {} to [{:.4g}, {:.4g}], values reach [{:.4g}, {:.4g}] and what is cut off matters",
            toString(value->method), finding.guilty, value->threshold.min, value->threshold.max,
            seen->total.min, seen->total.max);
        finding.fixes = {methodFix(input.at(i), "l2"), methodFix(input.at(i), "minmax"),
                         methodFix(input.at(i), "percentile:99.99"), activationBitsFix(input.at(i), 16)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
