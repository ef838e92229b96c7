#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// Tensors with one value in all calibration samples: their ranges say nothing of other data.
void findConstantTensors(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const TensorStatistics* calibrated = input.calibrated(i);
        const TensorStatistics* evaluated = input.evaluated(i);
        if (!calibrated || calibrated->total.count < 2 || calibrated->total.min != calibrated->total.max) {
            continue;
        }
        const bool moves = evaluated && evaluated->total.min != evaluated->total.max;
        // All ranges follow from a constant input; elsewhere it is the operator's own that is wrong.
        const double severity = !moves    ? 0.0
            : input.at(i).type == "Input" ? 1.0
                                          : input.probe.operators[i].share;
        Finding finding = findingAt(input, i, DiagnosedCause::ConstantTensor, severity);
        finding.proofs.push_back(
            {"the value", static_cast<double>(calibrated->total.min), "", calibrated->samples});
        finding.explanation =
            fmt::format("{} is {:.4g} in every element of all {} calibration samples{}", finding.guilty,
                        calibrated->total.min, calibrated->samples,
                        moves ? ", but not in the evaluation data: calibrate on data that exercise it"
                              : ": a dead branch?");
        if (moves) {
            finding.fixes = {rangesFix(
                input, "ranges of the evaluation inputs, until the calibration data exercise the network",
                evaluationRanges(input))};
        }
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
