#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"

#include <fmt/format.h>

#include <cmath>

namespace core::rules {

namespace {

/// Mean over samples of f(channel means), and its standard error.
struct Estimate
{
    double mean = 0.0;
    double error = 0.0;
};

template <typename Of>
Estimate estimate(const InputLook& look, Of of)
{
    double sum = 0.0;
    double squares = 0.0;
    for (const auto& means : look.sampleMeans) {
        const double v = of(means);
        sum += v;
        squares += v * v;
    }
    const double n = static_cast<double>(look.samples());
    const double mean = sum / n;
    return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / std::max(n - 1.0, 1.0))};
}

struct Slip
{
    DiagnosedCause cause;
    std::vector<Proof> proofs;
    std::string explanation;
};

/// First and last channel move in opposite directions by the same amount and the one between stays: what
/// exchanging them does, before or after the mean is taken off.
std::optional<Slip> colorsOf(const ObservedInput& input)
{
    if (input.calibration.mean.size() != 3 || input.evaluation.mean.size() != 3) {
        return std::nullopt;
    }
    const auto difference = [](const std::vector<double>& m) { return (m[0] - m[2]) / 2.0; };
    const auto level = [](const std::vector<double>& m) { return (m[0] + m[2]) / 2.0; };
    const auto between = [](const std::vector<double>& m) { return m[1] - (m[0] + m[2]) / 2.0; };
    const auto moved = [&](auto of) {
        const Estimate a = estimate(input.calibration, of);
        const Estimate b = estimate(input.evaluation, of);
        return Estimate{a.mean - b.mean, std::hypot(a.error, b.error)};
    };
    const Estimate exchange = moved(difference);
    const Estimate shift = moved(level);
    const Estimate middle = moved(between);
    const double z = std::fabs(exchange.mean) / std::max(exchange.error, 1e-12);
    const bool onlyExchange = std::fabs(middle.mean) < 0.5 * std::fabs(exchange.mean)
        && (std::fabs(shift.mean) < std::fabs(exchange.mean) || std::fabs(shift.mean) < 3.0 * shift.error);
    // Less than 2 % of the deviation of the pixels changes no range.
    if (z < 3.5 || !onlyExchange || std::fabs(exchange.mean) < 0.02 * input.evaluation.typicalDeviation) {
        return std::nullopt;
    }
    Slip slip{DiagnosedCause::SwappedColors, {}, {}};
    for (std::size_t c = 0; c < 3; ++c) {
        slip.proofs.push_back({fmt::format("mean of channel {} in calibration", c), input.calibration.mean[c],
                               "", input.calibration.samples()});
        slip.proofs.push_back({fmt::format("mean of channel {} in evaluation", c), input.evaluation.mean[c],
                               "", input.evaluation.samples()});
    }
    slip.proofs.push_back(
        {"exchange of channels 0 and 2, in standard errors", z, "", input.calibration.samples()});
    slip.explanation =
        fmt::format("the means of channels 0 and 2 of '{}' move in opposite directions by {:.3g} between "
                    "calibration and evaluation: one of them is BGR where the other is RGB",
                    input.name, std::fabs(exchange.mean));
    return slip;
}

std::optional<Slip> scaleOf(const ObservedInput& input)
{
    const double now = input.calibration.typicalDeviation;
    const double other = input.evaluation.typicalDeviation;
    if (now <= 0.0 || other <= 0.0 || (now < 2.5 * other && other < 2.5 * now)) {
        return std::nullopt;
    }
    const double ratio = std::max(now / other, other / now);
    Slip slip{DiagnosedCause::InputScale, {}, {}};
    slip.proofs.push_back({"standard deviation in calibration", now, "", input.calibration.samples()});
    slip.proofs.push_back({"standard deviation in evaluation", other, "", input.evaluation.samples()});
    slip.proofs.push_back({"ratio", ratio, "", input.evaluation.samples()});
    const bool isByte = ratio > 180.0 && ratio < 360.0;
    slip.explanation =
        fmt::format("the calibration data of '{}' are {:.3g} times {} than the evaluation data{}", input.name,
                    ratio, now > other ? "larger" : "smaller",
                    isByte ? ": 0…255 in one and 0…1 in the other" : ": divided by std in one only?");
    return slip;
}

std::optional<Slip> meanOf(const ObservedInput& input)
{
    const double moved = input.calibration.typicalMean - input.evaluation.typicalMean;
    if (std::fabs(moved)
        < 1.0 * std::max(input.evaluation.typicalDeviation, input.calibration.typicalDeviation)) {
        return std::nullopt;
    }
    Slip slip{DiagnosedCause::InputMean, {}, {}};
    slip.proofs.push_back(
        {"mean in calibration", input.calibration.typicalMean, "", input.calibration.samples()});
    slip.proofs.push_back(
        {"mean in evaluation", input.evaluation.typicalMean, "", input.evaluation.samples()});
    slip.proofs.push_back({"standard deviation in evaluation", input.evaluation.typicalDeviation, "",
                           input.evaluation.samples()});
    slip.explanation = fmt::format(
        "the calibration data of '{}' lie {:.3g} {} the evaluation data: the mean is taken off in one only",
        input.name, std::fabs(moved), moved > 0.0 ? "above" : "below");
    return slip;
}

/// Colours side by side in memory: a value is more like the third next one than like its neighbour.
std::optional<Slip> layoutOf(const ObservedInput& input)
{
    const auto interleaved = [](const InputLook& look) {
        return look.roughnessAtThree > 0.0 ? look.roughness / look.roughnessAtThree : 1.0;
    };
    const double now = interleaved(input.calibration);
    const double other = interleaved(input.evaluation);
    if ((now > 1.0) == (other > 1.0) || std::max(now, other) < 1.2 * std::min(now, other)) {
        return std::nullopt;
    }
    Slip slip{DiagnosedCause::InputLayout, {}, {}};
    slip.proofs.push_back(
        {"step to the next ÷ to the third next value, calibration", now, "", input.calibration.samples()});
    slip.proofs.push_back({"the same, evaluation", other, "", input.evaluation.samples()});
    slip.explanation = fmt::format("colours of '{}' lie side by side in the {} data only: NHWC read as NCHW",
                                   input.name, now > other ? "calibration" : "evaluation");
    return slip;
}

} // namespace

/// Preprocessing that differs between calibration and evaluation.
void findInputSlips(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr std::size_t kLeastSamples = 2;
    for (const ObservedInput& observed : input.data.inputs) {
        const bool isConstant =
            observed.calibration.typicalDeviation == 0.0 || observed.evaluation.typicalDeviation == 0.0;
        if (observed.calibration.samples() < kLeastSamples || observed.evaluation.samples() < kLeastSamples
            || isConstant) {
            continue;
        }
        auto slip = layoutOf(observed);
        for (const auto& look : {scaleOf, meanOf, colorsOf}) {
            slip = slip ? slip : look(observed);
        }
        if (!slip) {
            continue;
        }
        // Whatever else is found follows from calibrating on the wrong numbers.
        Finding finding;
        finding.cause = slip->cause;
        finding.severity = 1.0;
        finding.guilty = observed.name;
        finding.tensors = {observed.name};
        finding.proofs = std::move(slip->proofs);
        finding.explanation = std::move(slip->explanation);
        finding.fixes = {
            rangesFix(input, "ranges of the evaluation inputs, until the calibration data are prepared alike",
                      evaluationRanges(input))};
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
