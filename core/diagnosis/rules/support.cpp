#include "core/diagnosis/rules/support.h"

#include "core/calibration/method.h"
#include "core/quantization/scheme.h"

#include <cmath>

namespace core::rules {

PartShares partShares(const DiagnosisInput& input, std::size_t i)
{
    const OperatorProbe& probe = input.probe.operators[i];
    if (!probe.parts || probe.share < kLeastShare || probe.parts->sum() <= 0.0) {
        return {};
    }
    const double scale = probe.share / probe.parts->sum();
    return {probe.parts->weights * scale, probe.parts->clip * scale, probe.parts->round * scale,
            probe.parts->arithmetic * scale};
}

Finding findingAt(const DiagnosisInput& input, std::size_t i, DiagnosedCause cause, double severity)
{
    Finding finding;
    finding.cause = cause;
    finding.severity = std::clamp(severity, 0.0, 1.0);
    finding.guilty = input.at(i).name;
    if (const std::string output = input.outputName(i); !output.empty()) {
        finding.tensors.push_back(output);
    }
    const OperatorProbe& probe = input.probe.operators[i];
    if (probe.measured) {
        finding.proofs.push_back(
            {"share of the output error", 100.0 * probe.share, "%", input.probe.samples});
    }
    return finding;
}

Range observedRange(const TensorStatistics& statistics)
{
    return statistics.total.count ? Range{statistics.total.min, statistics.total.max} : Range{};
}

double magnitudeOf(const Moments& moments)
{
    return moments.count
        ? std::max(std::fabs(static_cast<double>(moments.min)), std::fabs(static_cast<double>(moments.max)))
        : 0.0;
}

double explainedByStep(double now, double better)
{
    if (!(now > 0.0) || !(better < now)) {
        return 0.0;
    }
    return 1.0 - better / now * (better / now);
}

QuantizationParams paramsFor(const DiagnosisInput& input, std::size_t i, const Range& range)
{
    return activationParams(range, input.settings(i).activation, provenanceOf(*input.graph, input.at(i)));
}

double expectedError(const DiagnosisInput& input, std::size_t i, const QuantizationParams& params)
{
    const TensorStatistics* statistics = input.evaluated(i);
    return statistics && statistics->total.count ? quantizationCost(*statistics, params).totalSquared() : 0.0;
}

} // namespace core::rules
