#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace core::rules {

namespace {

bool isFirstOrLast(const DiagnosisInput& input, std::size_t i)
{
    const Operator& op = input.at(i);
    if (op.type == "Input") {
        return false;
    }
    return input.graph->graph->isOutput(op.result()) || op.depth <= 1;
}

} // namespace

/// What other rules leave of an operator's share.
void findOrdinaryRounding(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastRest = 0.02;
    std::map<std::string, double> explained;
    for (const Finding& finding : findings) {
        double& most = explained[finding.guilty];
        most = std::max(most, isOfData(finding.cause) ? 0.0 : finding.severity);
    }
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const OperatorProbe& probe = input.probe.operators[i];
        const double rest = probe.share - explained[input.at(i).name];
        if (!probe.parts || rest < kLeastRest) {
            continue;
        }
        Finding finding = findingAt(input, i,
                                    isFirstOrLast(input, i) ? DiagnosedCause::FirstOrLastLayer
                                                            : DiagnosedCause::OrdinaryRounding,
                                    rest);
        const double sum = std::max(probe.parts->sum(), 1e-300);
        finding.proofs.push_back(
            {"by weights", 100.0 * probe.parts->weights / sum, "%", input.probe.samples});
        finding.proofs.push_back(
            {"by rounding the output", 100.0 * probe.parts->round / sum, "%", input.probe.samples});
        finding.proofs.push_back(
            {"by clipping the output", 100.0 * probe.parts->clip / sum, "%", input.probe.samples});
        finding.explanation =
            fmt::format("{} rounds as 8 bits do, and the output feels it: {:.1f} % of its error",
                        finding.guilty, 100.0 * probe.share);
        finding.fixes = {activationBitsFix(input.at(i), 16), floatFix(input.at(i))};
        if (input.at(i).type == "Input") {
            finding.fixes.pop_back(); // its readers would quantize it all the same
        }
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
