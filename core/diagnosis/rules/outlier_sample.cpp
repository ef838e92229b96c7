#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

#include <map>

namespace core::rules {

namespace {

/// Range over all calibration samples but one.
Range withoutSample(const std::vector<Range>& ranges, std::size_t left)
{
    Range result;
    for (std::size_t k = 0; k < ranges.size(); ++k) {
        if (k != left) {
            result.min = std::min(result.min, ranges[k].min);
            result.max = std::max(result.max, ranges[k].max);
        }
    }
    return result;
}

} // namespace

/// The calibration sample whose absence narrows the ranges most, weighed by what rounding inside them costs.
void findOutlierSample(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastRatio = 1.5;
    const auto& ranges = input.data.sampleRanges;
    const std::size_t samples = input.data.sampleNames.size();
    if (samples < 3) {
        return;
    }
    std::map<std::size_t, double> severity;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const double round = partShares(input, i).round;
        if (!value || round == 0.0 || value->method.name == "manual") {
            continue;
        }
        const double now = widthOf(value->threshold);
        for (std::size_t k = 0; k < samples; ++k) {
            const double without = widthOf(withoutSample(ranges[i], k));
            if (without > 0.0 && now > kLeastRatio * without) {
                severity[k] += round * explainedByStep(now, without);
            }
        }
    }
    const auto worst = std::ranges::max_element(severity, {}, [](const auto& entry) { return entry.second; });
    if (worst == severity.end() || worst->second < kLeastSeverity) {
        return;
    }
    Finding finding;
    finding.cause = DiagnosedCause::OutlierSample;
    finding.severity = std::min(1.0, worst->second);
    finding.specificity = 1.2; // the calibration data as a whole look wrong, too
    finding.guilty = input.data.inputs.front().name;
    std::vector<std::optional<Range>> better(ranges.size());
    double widest = 0.0;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        if (!value || value->method.name == "manual") {
            continue;
        }
        better[i] = withoutSample(ranges[i], worst->first);
        const double ratio =
            widthOf(*better[i]) > 0.0 ? widthOf(value->threshold) / widthOf(*better[i]) : 1.0;
        if (ratio > widest) {
            widest = ratio;
            finding.tensors = {input.outputName(i)};
        }
    }
    finding.proofs.push_back({"calibration sample", static_cast<double>(worst->first), "", samples});
    finding.proofs.push_back({"widest range with it ÷ without", widest, "", samples});
    finding.explanation =
        fmt::format("calibration sample {} ({}) stretches ranges up to {:.1f} times, most that of '{}'",
                    worst->first, input.data.sampleNames[worst->first], widest, finding.tensors.front());
    finding.fixes = {rangesFix(
        input, fmt::format("min-max ranges without calibration sample {}", worst->first), std::move(better))};
    findings.push_back(std::move(finding));
}

} // namespace core::rules
