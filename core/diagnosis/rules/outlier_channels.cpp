#include "core/diagnosis/plan_edits.h"
#include "core/diagnosis/rules/rules.h"
#include "core/diagnosis/rules/support.h"
#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

namespace core::rules {

namespace {

/// The few channels whose range is far above that of all others.
struct Outliers
{
    std::vector<int> channels;
    double largest = 0.0;
    double others = 0.0; ///< largest magnitude of the rest
    Range othersRange;
};

Outliers outliersOf(const TensorStatistics& statistics)
{
    const std::vector<Moments>& channels = statistics.channels;
    Outliers result;
    if (channels.size() < 3) {
        return result;
    }
    std::vector<std::size_t> order(channels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>{},
                             [&](std::size_t c) { return magnitudeOf(channels[c]); });
    const std::size_t most = std::max<std::size_t>(1, channels.size() / 8);
    std::size_t count = 0;
    double jump = 1.0;
    for (std::size_t k = 1; k <= most; ++k) {
        const double below = magnitudeOf(channels[order[k]]);
        const double ratio = below > 0.0 ? magnitudeOf(channels[order[k - 1]]) / below : 0.0;
        if (ratio > jump) {
            jump = ratio;
            count = k;
        }
    }
    for (std::size_t k = 0; k < count; ++k) {
        result.channels.push_back(static_cast<int>(order[k]));
    }
    if (count > 0) {
        result.largest = magnitudeOf(channels[order[0]]);
        result.others = magnitudeOf(channels[order[count]]);
        for (std::size_t k = count; k < order.size(); ++k) {
            const Moments& m = channels[order[k]];
            if (m.count > 0) {
                result.othersRange.min = std::min(result.othersRange.min, static_cast<double>(m.min));
                result.othersRange.max = std::max(result.othersRange.max, static_cast<double>(m.max));
            }
        }
    }
    return result;
}

/// Largest weight of linear readers for these source channels ÷ the median channel's; 1 where nothing linear
/// reads.
double readersWeight(const DiagnosisInput& input, std::size_t i, const std::vector<int>& channels)
{
    double ratio = 1.0;
    for (const std::size_t reader : input.linearReaders(i)) {
        const Operator& op = input.at(reader);
        const WeightLayout layout(op.node, *op.constants[1]);
        std::vector<double> largest(layout.sourceChannels(), 0.0);
        const auto weights = op.constants[1]->as<float>();
        for (std::size_t k = 0; k < weights.size(); ++k) {
            double& here = largest[layout.sourceChannelOf(k)];
            here = std::max(here, static_cast<double>(std::fabs(weights[k])));
        }
        double outlier = 0.0;
        for (const int c : channels) {
            outlier = static_cast<std::size_t>(c) < largest.size()
                ? std::max(outlier, largest[static_cast<std::size_t>(c)])
                : 0.0;
        }
        std::nth_element(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(largest.size() / 2),
                         largest.end());
        const double median = largest[largest.size() / 2];
        if (median > 0.0) {
            ratio = std::min(ratio, outlier / median);
        }
    }
    return ratio;
}

/// More bits on both sides of the pair: what is scaled up here is scaled down in the readers' weights.
Fix widePairFix(const DiagnosisInput& input, std::size_t i)
{
    Fix fix = activationBitsFix(input.at(i), 16);
    for (const std::size_t reader : input.linearReaders(i)) {
        const Fix weights = weightBitsFix(input.at(reader), 16);
        fix.label += ", " + weights.label;
        fix.apply = [first = fix.apply, then = weights.apply](const QuantizationPlan& plan) {
            return then(first(plan));
        };
    }
    return fix;
}

bool isConstant(const Moments& moments)
{
    return moments.count > 1 && std::sqrt(moments.variance()) < 1e-3 * magnitudeOf(moments);
}

} // namespace

/// One channel, or a few, decide the step of all. Where readers multiply it by small weights, the pair can be
/// scaled back exactly.
void findOutlierChannels(const DiagnosisInput& input, std::vector<Finding>& findings)
{
    constexpr double kLeastRatio = 3.0;
    for (std::size_t i = 0; i < input.graph->operators.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* statistics = input.calibrated(i);
        const Operator& op = input.at(i);
        const PartShares parts = partShares(input, i);
        if (!value || !statistics || traitsOf(op.type).kind == OperatorKind::Join || op.type == "Input"
            || parts.round + parts.clip < kLeastSeverity) {
            continue;
        }
        const Outliers outliers = outliersOf(*statistics);
        const double step =
            std::max(std::fabs(value->params.range().min), std::fabs(value->params.range().max));
        const double severity =
            (parts.round + parts.clip) * explainedByStep(std::min(step, outliers.largest), outliers.others);
        if (outliers.channels.empty() || outliers.largest < kLeastRatio * outliers.others
            || severity < kLeastSeverity) {
            continue;
        }
        const double weight = readersWeight(input, i, outliers.channels);
        const Moments& first = statistics->channels[static_cast<std::size_t>(outliers.channels[0])];
        const DiagnosedCause cause = isConstant(first) ? DiagnosedCause::ConstantChannel
            : weight < 0.25                            ? DiagnosedCause::ScaledChannelPair
                                                       : DiagnosedCause::OutlierChannel;
        Finding finding = findingAt(input, i, cause, severity);
        finding.channels = outliers.channels;
        finding.proofs.push_back(
            {"largest magnitude of the channel", outliers.largest, "", statistics->samples});
        finding.proofs.push_back(
            {"largest magnitude of the others", outliers.others, "", statistics->samples});
        finding.proofs.push_back({"ratio", outliers.largest / outliers.others, "", statistics->samples});
        finding.proofs.push_back({"readers' weights for it ÷ median channel", weight, "", 0});
        finding.explanation = fmt::format(
            "channel {} of {} reaches {:.4g}, the others {:.4g}: their values share {:.0f} of {} codes",
            fmt::join(outliers.channels, ", "), finding.guilty, outliers.largest, outliers.others,
            (1 << value->params.bits) * outliers.others / outliers.largest, 1 << value->params.bits);
        finding.fixes = {manualRangeFix(op, outliers.othersRange, "the range without that channel"),
                         methodFix(op, "l2"), activationBitsFix(op, 16)};
        for (const std::size_t reader : input.linearReaders(i)) {
            finding.fixes.push_back(equalizeFix(input.at(reader)));
            finding.fixes.push_back(equalizeChainFix());
        }
        if (cause == DiagnosedCause::ScaledChannelPair) {
            finding.fixes.push_back(widePairFix(input, i));
        }
        findings.push_back(std::move(finding));
    }
}

} // namespace core::rules
