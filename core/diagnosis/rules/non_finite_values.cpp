#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

namespace core::rules {

/// The first operators that write NaN or infinity although what they read is finite.
void findNonFiniteValues(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    const auto bad = [&](const TensorStatistics* s) { return s ? s->total.nans + s->total.infinities : 0; };
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const Operator& op = input.at(i);
        const TensorStatistics* own = bad(input.calibrated(i)) > 0 ? input.calibrated(i) : input.evaluated(i);
        if (bad(own) == 0) {
            continue;
        }
        bool inherited = false;
        for (const ValueId id : op.inputs) {
            if (id != kNoValue && input.graph->producerOf[indexOf(id)]) {
                const std::size_t producer = indexOf(*input.graph->producerOf[indexOf(id)]);
                inherited =
                    inherited || bad(input.calibrated(producer)) > 0 || bad(input.evaluated(producer)) > 0;
            }
        }
        if (inherited) {
            continue;
        }
        Finding finding = findingAt(input, i, DiagnosedCause::NonFiniteValues, 1.0);
        finding.proofs.push_back({"NaN", static_cast<double>(own->total.nans), "", own->samples});
        finding.proofs.push_back({"infinite", static_cast<double>(own->total.infinities), "", own->samples});
        finding.explanation = fmt::format("{} NaN and {} infinite values appear in {} first{}",
                                          own->total.nans, own->total.infinities, finding.guilty,
                                          op.type == "Input" ? ": they are in the data" : "");
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
