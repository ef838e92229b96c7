#include "core/calibration/entropy_ort.h"
#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// Plan entries that change nothing, and methods that can only answer min-max.
void findIdlePlanEntries(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const Operator& op = input.at(i);
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* calibrated = input.calibrated(i);
        if (value && calibrated && calibrated->total.count > 0 && value->method.name.starts_with("entropy")) {
            const Range observed = observedRange(*calibrated);
            if (isDegenerateOrtEntropy(value->method)) {
                Finding finding = findingAt(input, i, DiagnosedCause::DegenerateCalibrator, 0.0);
                finding.proofs.push_back(
                    {"threshold ÷ largest value",
                     observed.max > observed.min ? widthOf(value->threshold) / widthOf(observed) : 1.0, "",
                     calibrated->samples});
                finding.explanation = fmt::format("{} of {} searches nothing: as many target bins as bins "
                                                  "leave min-max as the only candidate",
                                                  toString(value->method), finding.guilty);
                finding.fixes = {methodFix(op, "entropy"), methodFix(op, "l2")};
                findings.push_back(std::move(finding));
            }
        }
        const auto entry = input.plan->operators.find(op.name);
        if (entry == input.plan->operators.end()) {
            continue;
        }
        QuantizationPlan without = *input.plan;
        without.operators.erase(op.name);
        const bool changesNothing =
            without.settingsFor(op.name, op.type) == input.plan->settingsFor(op.name, op.type);
        const ResolvedOperator& resolved = input.resolved.operators[i];
        const bool staysFloat =
            resolved.requested.isInteger() && resolved.effective == kFp32 && !resolved.writesCodes;
        if (changesNothing || staysFloat) {
            Finding finding = findingAt(input, i, DiagnosedCause::OverrideWithoutEffect, 0.0);
            finding.explanation = changesNothing
                ? fmt::format("the plan's entry for {} repeats what its type and the defaults say", op.name)
                : fmt::format("the plan's entry for {} has no effect: it stays float, {}", op.name,
                              resolved.reason);
            findings.push_back(std::move(finding));
        }
    }
}

} // namespace core::rules
