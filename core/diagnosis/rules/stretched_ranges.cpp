#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"
#include "core/quantization/scheme.h"

#include <fmt/format.h>

namespace core::rules {

/// Rare values that stretch the range: the error against that of the range with the least squared error.
void findStretchedRanges(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastExplained = 0.3; // of the squared error; less is the usual price of min-max
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* calibrated = input.calibrated(i);
        const PartShares parts = partShares(input, i);
        if (!value || !calibrated || calibrated->total.count == 0 || value->method.name == "manual"
            || parts.round < kLeastSeverity) {
            continue;
        }
        const OperatorSettings settings = input.settings(i);
        const Range best = calibrate(*calibrated, {"l2", std::nullopt},
                                     {*settings.activation.scheme, effectiveBits(settings.activation)});
        const double now = expectedError(input, i, value->params);
        const QuantizationParams params = paramsFor(input, i, best);
        const double better = expectedError(input, i, params);
        const double explained = now > 0.0 ? 1.0 - better / now : 0.0;
        const bool isNarrower = widthOf(best) < 0.8 * widthOf(value->threshold);
        if (explained < kLeastExplained || !isNarrower || parts.round * explained < kLeastSeverity) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::StretchedByOutliers, parts.round * explained);
        finding.proofs.push_back({"range ÷ range with the least squared error",
                                  widthOf(value->threshold) / widthOf(best), "", calibrated->samples});
        finding.proofs.push_back({"values beyond the latter",
                                  100.0 * quantizationCost(*calibrated, params).clippedShare, "%",
                                  calibrated->samples});
        finding.proofs.push_back({"squared error now ÷ there", now / better, "", calibrated->samples});
        finding.explanation = fmt::format(
            "rare values stretch the range of {} to [{:.4g}, {:.4g}]; [{:.4g}, {:.4g}] has the least error",
            finding.guilty, value->threshold.min, value->threshold.max, best.min, best.max);
        finding.fixes = {methodFix(input.at(i), "l2"), methodFix(input.at(i), "percentile:99.99"),
                         methodFix(input.at(i), "entropy"), activationBitsFix(input.at(i), 16)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
