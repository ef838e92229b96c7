#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

#include <numeric>

namespace core::rules {

/// Counted saturations of narrow sums, and the error that only they can explain.
void findPairSaturation(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const auto& saturation = input.report->layers[i]->saturation;
        const double severity = partShares(input, i).arithmetic;
        if (!saturation || severity < kLeastSeverity) {
            continue;
        }
        const auto total = [](const std::vector<std::int64_t>& counts) {
            return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
        };
        const double pairs = total(saturation->pairs);
        const double sums = total(saturation->sums);
        if (pairs + sums == 0.0) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::PairSaturation, severity);
        finding.proofs.push_back({"saturated sums of two products", pairs, "", input.report->samples});
        finding.proofs.push_back({"saturated 16-bit sums", sums, "", input.report->samples});
        finding.explanation = fmt::format("{:.0f} sums in {} do not fit into the accumulator of the target",
                                          pairs + sums, finding.guilty);
        const Operator& op = input.at(i);
        finding.fixes = {editFix(op, fmt::format("weight.reduce_range=true for {}", op.name), FixCost::None,
                                 [](OperatorSettings& s) { s.weight.reduceRange = true; }),
                         editFix(op, fmt::format("accumulator=s32 for {}, where the target has it", op.name),
                                 FixCost::MoreBits,
                                 [](OperatorSettings& s) {
                                     s.accumulator = Accumulator{};
                                     s.target = Target{};
                                 }),
                         floatFix(op)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
