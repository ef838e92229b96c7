#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"
#include "core/graph/operator_traits.h"

#include <fmt/format.h>

namespace core::rules {

/// Functions with values in 0…1 need steps of 1/255; a manual range or a scheme of another kind does not
/// know.
void findBoundedOutputs(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const std::string& type = input.at(i).type;
        const ResolvedValue* value = input.ownValue(i);
        if (!value || !traitsOf(type).staysInUnit) {
            continue;
        }
        const float step = chooseActivationParams({0.0, 1.0}, Scheme::Asymmetric, 8).scale[0];
        const PartShares parts = partShares(input, i);
        const double now = expectedError(input, i, value->params);
        const double better =
            expectedError(input, i, chooseActivationParams({0.0, 1.0}, Scheme::Asymmetric, 8));
        const double clip = now > 0.0 ? parts.clip * std::max(0.0, 1.0 - better / now) : 0.0;
        const double severity = std::max(clip, parts.round * explainedByStep(value->params.scale[0], step));
        if (severity < kLeastSeverity) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::BoundedOutput, severity);
        finding.specificity = 1.05; // general rules see the same error, this one knows the function
        finding.proofs.push_back({"range minimum", value->params.range().min, "", 0});
        finding.proofs.push_back({"range maximum", value->params.range().max, "", 0});
        finding.explanation =
            fmt::format("{} is a {} with values in 0…1, its codes span [{:.4g}, {:.4g}]", finding.guilty,
                        type, value->params.range().min, value->params.range().max);
        Fix fix = manualRangeFix(input.at(i), {0.0, 1.0}, "the range of the function");
        fix.apply = [range = fix.apply, scheme = schemeFix(input.at(i), Scheme::Asymmetric).apply](
                        const QuantizationPlan& plan) { return scheme(range(plan)); };
        finding.fixes = {std::move(fix), methodFix(input.at(i), "minmax"), floatFix(input.at(i))};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
