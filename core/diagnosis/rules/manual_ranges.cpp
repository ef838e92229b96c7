#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// A range typed by hand against the values there are: too wide wastes steps, too narrow clips.
void findManualRanges(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* seen = input.evaluated(i);
        if (!value || !seen || value->method.name != "manual") {
            continue;
        }
        const PartShares parts = partShares(input, i);
        const Range observed = observedRange(*seen);
        const double wide = parts.round * explainedByStep(widthOf(value->threshold), widthOf(observed));
        const double now = expectedError(input, i, value->params);
        const double better = expectedError(input, i, paramsFor(input, i, observed));
        const double narrow = now > 0.0 ? parts.clip * std::max(0.0, 1.0 - better / now) : 0.0;
        const bool isNarrow = narrow > wide;
        if (std::max(wide, narrow) < kLeastSeverity) {
            continue;
        }
        Finding finding =
            findingAt(input, i, isNarrow ? DiagnosedCause::RangeTooNarrow : DiagnosedCause::RangeTooWide,
                      std::max(wide, narrow));
        const auto proof = [&](const char* name, double number, std::uint64_t samples,
                               const char* unit = "") {
            finding.proofs.push_back({name, number, unit, samples});
        };
        proof("manual minimum", value->threshold.min, 0);
        proof("manual maximum", value->threshold.max, 0);
        proof("observed minimum", observed.min, seen->samples);
        proof("observed maximum", observed.max, seen->samples);
        if (isNarrow) {
            proof("values outside", 100.0 * quantizationCost(*seen, value->params).clippedShare,
                  seen->samples, "%");
        } else {
            proof("range in use", 100.0 * widthOf(observed) / widthOf(value->threshold), seen->samples, "%");
        }
        finding.explanation =
            fmt::format("the manual range [{:.4g}, {:.4g}] of {} is too {}: values span [{:.4g}, {:.4g}]",
                        value->threshold.min, value->threshold.max, finding.guilty,
                        isNarrow ? "narrow" : "wide", observed.min, observed.max);
        finding.fixes = {methodFix(input.at(i), "minmax"), methodFix(input.at(i), "l2"),
                         methodFix(input.at(i), "percentile:99.99"), activationBitsFix(input.at(i), 16)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
