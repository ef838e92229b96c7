#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

#include <cmath>

namespace core::rules {

/// Each bit less quadruples the energy of the rounding noise: 1 − 4^(bits − 8) of it is due to them.
void findTooFewBits(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    const auto explained = [](int bits) { return bits < 8 ? 1.0 - std::pow(4.0, bits - 8) : 0.0; };
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const PartShares parts = partShares(input, i);
        const auto& weights = input.resolved.operators[i].weights;
        const ResolvedValue* value = input.ownValue(i);
        const OperatorSettings settings = input.settings(i);
        const int weightBits = weights ? *settings.weight.bits : 8; // a reduced range is another matter
        const int activationBits = value ? *settings.activation.bits : 8;
        const double severity =
            parts.weights * explained(weightBits) + (parts.round + parts.clip) * explained(activationBits);
        if (severity < kLeastSeverity) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::TooFewBits, severity);
        if (weightBits < 8) {
            finding.proofs.push_back({"weight bits", static_cast<double>(weightBits), "bits", 0});
            finding.proofs.push_back(
                {"weight relative L2 error", 100.0 * weights->error.relativeL2.value_or(0.0), "%", 0});
        }
        if (activationBits < 8) {
            finding.proofs.push_back({"activation bits", static_cast<double>(activationBits), "bits", 0});
        }
        finding.explanation = fmt::format("{} has {} bits for {}: every bit less costs 6 dB", finding.guilty,
                                          std::min(weightBits, activationBits),
                                          weightBits >= 8          ? "its output"
                                              : activationBits < 8 ? "weights and output"
                                                                   : "its weights");
        finding.fixes = {eightBitsFix(input.at(i)), floatFix(input.at(i))};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
