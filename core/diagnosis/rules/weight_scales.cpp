#include "core/diagnosis/dequantized_constants.h"
#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"
#include "core/network/weight_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace core::rules {

namespace {

/// The weights of one linear operator and what they are multiplied with.
struct Weights
{
    const Operator& op;
    WeightLayout layout;
    WeightSettings settings;
    QuantizationParams src;
    std::vector<double> energy; ///< E[x²] by source channel; 1 where it is not known
    std::uint64_t samples = 0;
};

std::optional<Weights> weightsOf(const DiagnosisInput& input, std::size_t i)
{
    const Operator& op = input.at(i);
    if (input.resolved.operators[i].kind != QuantizedKind::Linear || !input.resolved.operators[i].weights
        || op.constants.size() < 2 || !op.constants[1]) {
        return std::nullopt;
    }
    const auto& src = input.resolved.values[indexOf(op.inputs[0])];
    const OperatorSettings settings = input.settings(i);
    if (!src || src->isDynamic || settings.weight.method->name == "written") {
        return std::nullopt;
    }
    Weights result{op, WeightLayout(op.node, *op.constants[1]), settings.weight, src->params, {}, 0};
    result.energy.assign(result.layout.sourceChannels(), 1.0);
    const TensorStatistics* statistics = input.calibrated(op.inputs[0]);
    if (statistics && statistics->channels.size() == result.energy.size()) {
        result.samples = statistics->samples;
        for (std::size_t c = 0; c < result.energy.size(); ++c) {
            const Moments& m = statistics->channels[c];
            result.energy[c] = m.count ? m.sumOfSquares / static_cast<double>(m.count) : 0.0;
        }
    }
    return result;
}

/// Σ (w − ŵ)²·E[x²]: the error that rounding these weights brings into the products.
double errorOf(const Weights& w, const WeightSettings& settings, const std::set<std::size_t>& zeroed = {})
{
    Operator op = w.op;
    const auto given = w.op.constants[1]->as<float>();
    std::vector<float> values(given.begin(), given.end());
    for (std::size_t k = 0; !zeroed.empty() && k < values.size(); ++k) {
        values[k] = zeroed.contains(w.layout.sourceChannelOf(k)) ? 0.0f : values[k];
    }
    op.constants[1] = makeTensor<float>(w.op.constants[1]->shape(), values);
    const Tensor rounded = dequantizedWeights(op, *quantizeWeights(op, settings, w.src));
    double error = 0.0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double d = static_cast<double>(values[k]) - rounded.as<float>()[k];
        error += d * d * w.energy[w.layout.sourceChannelOf(k)];
    }
    return error;
}

double explained(double now, double better) { return now > 0.0 ? std::max(0.0, 1.0 - better / now) : 0.0; }

/// Scales per channel where the plan does not have them.
void addPerChannel(const Weights& w, Finding& finding)
{
    const Granularity::Kind kind = w.settings.granularity->kind;
    if (kind != Granularity::Kind::PerChannel && kind != Granularity::Kind::Group) {
        finding.fixes.push_back(perChannelFix(w.op));
    }
}

std::vector<double> largestByChannel(const Weights& w)
{
    std::vector<double> largest(w.layout.channels(), 0.0);
    const auto values = w.op.constants[1]->as<float>();
    for (std::size_t k = 0; k < values.size(); ++k) {
        double& here = largest[w.layout.channelOf(k)];
        here = std::max(here, static_cast<double>(std::fabs(values[k])));
    }
    return largest;
}

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Weights that only ever multiply zeros.
void addDeadChannels(const DiagnosisInput& input, std::size_t i, const Weights& w, double now,
                     std::vector<Finding>& findings)
{
    if (w.settings.zeroDeadChannels
        && w.settings.zeroDeadChannels->kind == ZeroDeadChannels::Kind::Calibrated) {
        return; // done already
    }
    std::set<std::size_t> dead;
    for (std::size_t c = 0; c < w.energy.size(); ++c) {
        if (w.energy[c] == 0.0) {
            dead.insert(c);
        }
    }
    if (dead.empty() || dead.size() == w.energy.size()) {
        return;
    }
    const double severity = partShares(input, i).weights * explained(now, errorOf(w, w.settings, dead));
    if (severity < kLeastSeverity) {
        return;
    }
    double largestDead = 0.0;
    double largestLive = 0.0;
    const auto values = w.op.constants[1]->as<float>();
    for (std::size_t k = 0; k < values.size(); ++k) {
        double& side = dead.contains(w.layout.sourceChannelOf(k)) ? largestDead : largestLive;
        side = std::max(side, static_cast<double>(std::fabs(values[k])));
    }
    // Zeroing them is exact, so it comes before what scales per channel would give as well.
    Finding finding = findingAt(input, i, DiagnosedCause::DeadInputChannels, severity);
    finding.specificity = 1.1;
    finding.channels.assign(dead.begin(), dead.end());
    finding.tensors.push_back(input.graph->value(w.op.inputs[0]).name);
    finding.proofs.push_back({"dead input channels", static_cast<double>(dead.size()), "", w.samples});
    finding.proofs.push_back({"largest weight of dead channels", largestDead, "", w.samples});
    finding.proofs.push_back({"largest weight of the others", largestLive, "", w.samples});
    finding.proofs.push_back({"ratio", largestLive > 0.0 ? largestDead / largestLive : 0.0, "", w.samples});
    finding.explanation = fmt::format("{} of {} input channels of {} are always 0, and their weights of up "
                                      "to {:.4g} set the scale; the others need {:.4g}",
                                      dead.size(), w.energy.size(), finding.guilty, largestDead, largestLive);
    finding.fixes = {zeroDeadChannelsFix(w.op, ZeroDeadChannels::Kind::Provable),
                     zeroDeadChannelsFix(w.op, ZeroDeadChannels::Kind::Calibrated),
                     weightMethodFix(w.op, "l2"), floatFix(w.op)};
    addPerChannel(w, finding);
    findings.push_back(std::move(finding));
}

void addImbalance(const DiagnosisInput& input, std::size_t i, const Weights& w, double now,
                  std::vector<Finding>& findings)
{
    if (w.settings.granularity->kind == Granularity::Kind::PerChannel
        || w.settings.granularity->kind == Granularity::Kind::Group) {
        return;
    }
    WeightSettings perChannel = w.settings;
    perChannel.granularity = Granularity{};
    const double severity = partShares(input, i).weights * explained(now, errorOf(w, perChannel));
    if (severity < kLeastSeverity) {
        return;
    }
    const std::vector<double> largest = largestByChannel(w);
    const double most = *std::ranges::max_element(largest);
    const double median = medianOf(largest);
    Finding finding = findingAt(input, i, DiagnosedCause::ChannelImbalance, severity);
    finding.channels = {static_cast<int>(std::ranges::max_element(largest) - largest.begin())};
    finding.proofs.push_back({"largest weight", most, "", 0});
    finding.proofs.push_back({"largest weight of the median channel", median, "", 0});
    finding.proofs.push_back({"ratio", median > 0.0 ? most / median : 0.0, "", 0});
    if (const auto& error = input.resolved.operators[i].weights->error; error.medianChannelRelativeL2) {
        finding.proofs.push_back(
            {"median channel's weight error", 100.0 * *error.medianChannelRelativeL2, "%", 0});
    }
    finding.explanation = fmt::format(
        "{} has one scale for {} channels: the largest weight is {:.4g}, that of the median channel {:.4g}",
        finding.guilty, w.layout.channels(), most, median);
    finding.fixes = {perChannelFix(w.op),     equalizeFix(w.op),           equalizeChainFix(),
                     biasCorrectionFix(w.op), weightMethodFix(w.op, "l2"), floatFix(w.op)};
    findings.push_back(std::move(finding));
}

void addWeightRange(const DiagnosisInput& input, std::size_t i, const Weights& w, double now,
                    std::vector<Finding>& findings)
{
    const bool isMinMax = w.settings.method->name == "minmax";
    WeightSettings other = w.settings;
    other.method = CalibrationMethod{isMinMax ? "l2" : "minmax", std::nullopt};
    const double better = errorOf(w, other);
    const double severity = partShares(input, i).weights * explained(now, better);
    if (severity < kLeastSeverity || explained(now, better) < 0.5) {
        return;
    }
    Finding finding = findingAt(
        input, i, isMinMax ? DiagnosedCause::WeightOutliers : DiagnosedCause::WeightsClipped, severity);
    finding.proofs.push_back({fmt::format("weight error now ÷ with {}", other.method->name),
                              better > 0.0 ? now / better : now, "", w.samples});
    finding.explanation = isMinMax
        ? fmt::format("a few large weights of {} set the scale of all others", finding.guilty)
        : fmt::format("{} cuts off weights of {} that matter", toString(*w.settings.method), finding.guilty);
    finding.fixes = {weightMethodFix(w.op, isMinMax ? "l2" : "minmax"),
                     weightMethodFix(w.op, isMinMax ? "percentile:99.99" : "l2"), floatFix(w.op)};
    addPerChannel(w, finding);
    findings.push_back(std::move(finding));
}

} // namespace

/// What decides the scales of weights: dead input channels, unequal output channels, outliers, or too hard a
/// method.
void findWeightScales(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        if (partShares(input, i).weights < kLeastSeverity) {
            continue;
        }
        if (const auto weights = weightsOf(input, i)) {
            const double now = errorOf(*weights, weights->settings);
            addDeadChannels(input, i, *weights, now, findings);
            addImbalance(input, i, *weights, now, findings);
            addWeightRange(input, i, *weights, now, findings);
        }
    }
}

} // namespace core::rules
