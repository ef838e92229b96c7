#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"
#include "core/graph/operator_traits.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::rules {

/// Concat requantizes every input to one range, and so does a sum: the small one gets the steps of the large
/// one. In a sum that is an error only where a reader takes the large one away again, so it must show at the
/// output.
void findUnbalancedInputs(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastRatio = 4.0; // two bits
    constexpr double kFewestCodes = 8.0; // below, the small input is as good as lost: 18 dB at best
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const Operator& op = input.at(i);
        const PartShares parts = partShares(input, i);
        const auto operation = traitsOf(op.type).binary;
        const bool isSum =
            operation == kernels::BinaryOperation::Add || operation == kernels::BinaryOperation::Sub;
        // What a Concat joins is judged by itself: a lost score hardly shows beside boxes of hundreds.
        if ((traitsOf(op.type).kind != OperatorKind::Join && !isSum) || !input.ownValue(i)
            || (isSum && parts.round + parts.arithmetic < kLeastSeverity)) {
            continue;
        }
        double least = 0.0;
        double most = 0.0;
        std::string leastName;
        std::string mostName;
        std::uint64_t samples = 0;
        for (const ValueId id : op.inputs) {
            const TensorStatistics* statistics = id == kNoValue ? nullptr : input.calibrated(id);
            const double width = statistics ? widthOf(observedRange(*statistics)) : 0.0;
            if (width > 0.0 && (least == 0.0 || width < least)) {
                least = width;
                leastName = input.graph->value(id).name;
            }
            if (width > most) {
                most = width;
                mostName = input.graph->value(id).name;
                samples = statistics->samples;
            }
        }
        const double codes = most > 0.0 ? 256.0 * least / most : 256.0;
        const bool isLost = !isSum && codes < kFewestCodes;
        const double share = parts.round + parts.arithmetic;
        const double severity = share * explainedByStep(most, least);
        if (least == 0.0 || most < kLeastRatio * least || (!isLost && severity < kLeastSeverity)) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::UnbalancedInputs, severity);
        if (isLost) { // hardly an error of the whole output, and all of those channels'
            finding.specificity = (1.0 - codes / kFewestCodes) / std::max(severity, 1e-9);
        }
        finding.tensors.insert(finding.tensors.end(), {mostName, leastName});
        finding.proofs.push_back({"widest input range", most, "", samples});
        finding.proofs.push_back({"narrowest input range", least, "", samples});
        finding.proofs.push_back({"widest ÷ narrowest", most / least, "", samples});
        finding.explanation = fmt::format("{} {} '{}' (range {:.4g}) and '{}' (range {:.4g}) in one "
                                          "scale: the small one keeps {:.1f} of 256 codes{}",
                                          op.name, isSum ? "adds" : "joins", mostName, most, leastName, least,
                                          codes, isLost ? ", its channels are as good as lost" : "");
        finding.fixes = {methodFix(op, "l2"), activationBitsFix(op, 16), floatFix(op)};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
