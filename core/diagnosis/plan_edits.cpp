#include "core/diagnosis/plan_edits.h"

#include "core/calibration/collector.h"
#include "core/network/plan_entry.h"
#include "core/quantization/scheme.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace core {

Fix editFix(const Operator& op, std::string label, FixCost cost, std::function<void(OperatorSettings&)> edit)
{
    Fix fix;
    fix.label = std::move(label);
    fix.cost = cost;
    fix.apply = [op = std::make_shared<const Operator>(op),
                 edit = std::move(edit)](const QuantizationPlan& plan) {
        QuantizationPlan next = plan;
        edit(entryOf(next, *op));
        return next;
    };
    return fix;
}

Fix methodFix(const Operator& op, const std::string& method)
{
    return editFix(op, fmt::format("activation.method={} for {}", method, op.name), FixCost::None,
                   [method](OperatorSettings& s) {
                       s.activation.method = parseCalibrationMethod(method);
                       s.activation.range.reset();
                   });
}

Fix manualRangeFix(const Operator& op, Range range, const std::string& why)
{
    return editFix(
        op, fmt::format("activation.range=[{:.6g}, {:.6g}] for {}: {}", range.min, range.max, op.name, why),
        FixCost::None, [range](OperatorSettings& s) {
            s.activation.method = CalibrationMethod{"manual", std::nullopt};
            s.activation.range = range;
        });
}

Fix schemeFix(const Operator& op, Scheme scheme)
{
    return editFix(op,
                   fmt::format("activation.scheme={}, full range of codes for {}", toString(scheme), op.name),
                   FixCost::None, [scheme](OperatorSettings& s) {
                       s.activation.scheme = scheme;
                       s.activation.reduceRange = false;
                       s.activation.powerOfTwo = false;
                       s.activation.sign = Signedness{};
                       s.activation.convention = Convention::Noisefloor;
                   });
}

Fix activationBitsFix(const Operator& op, int bits)
{
    return editFix(op, fmt::format("activation.bits={} for {}", bits, op.name), FixCost::MoreBits,
                   [bits](OperatorSettings& s) { s.activation.bits = bits; });
}

Fix weightBitsFix(const Operator& op, int bits)
{
    return editFix(op, fmt::format("weight.bits={} for {}", bits, op.name), FixCost::MoreBits,
                   [bits](OperatorSettings& s) { s.weight.bits = bits; });
}

Fix eightBitsFix(const Operator& op)
{
    return editFix(op, fmt::format("precision=int8 for {}", op.name), FixCost::MoreBits,
                   [](OperatorSettings& s) {
                       s.precision = kInt8;
                       s.activation.bits = 8;
                       s.weight.bits = 8;
                   });
}

Fix weightMethodFix(const Operator& op, const std::string& method)
{
    return editFix(op, fmt::format("weight.method={} for {}", method, op.name), FixCost::None,
                   [method](OperatorSettings& s) { s.weight.method = parseCalibrationMethod(method); });
}

Fix perChannelFix(const Operator& op)
{
    return editFix(op, fmt::format("weight.granularity=per-channel for {}", op.name), FixCost::None,
                   [](OperatorSettings& s) { s.weight.granularity = Granularity{}; });
}

Fix zeroDeadChannelsFix(const Operator& op, ZeroDeadChannels::Kind kind)
{
    const bool isProvable = kind == ZeroDeadChannels::Kind::Provable;
    return editFix(
        op, fmt::format("weight.zero_dead_channels={} for {}", isProvable ? "true" : "calibrated", op.name),
        FixCost::None, [kind](OperatorSettings& s) { s.weight.zeroDeadChannels = kind; });
}

Fix equalizeFix(const Operator& op)
{
    return editFix(op, fmt::format("weight.equalize=true for {}", op.name), FixCost::None,
                   [](OperatorSettings& s) { s.weight.equalize = Equalization(true); });
}

Fix equalizeChainFix()
{
    Fix fix;
    fix.label = "weight.equalize=true for the whole chain";
    fix.apply = [](const QuantizationPlan& plan) {
        QuantizationPlan next = plan;
        next.defaults.weight.equalize = Equalization(true);
        for (auto* const entries : {&next.types, &next.operators}) {
            for (auto& [name, settings] : *entries) {
                settings.weight.equalize.reset();
            }
        }
        return next;
    };
    return fix;
}

Fix biasCorrectionFix(const Operator& op)
{
    return editFix(op, fmt::format("weight.bias_correction=analytic for {}", op.name), FixCost::None,
                   [](OperatorSettings& s) {
                       BiasCorrection correction;
                       correction.kind = BiasCorrection::Kind::Analytic;
                       s.weight.biasCorrection = correction;
                   });
}

Fix floatFix(const Operator& op)
{
    return editFix(op, fmt::format("precision=fp32 for {}", op.name), FixCost::Float,
                   [](OperatorSettings& s) {
                       s.precision = kFp32;
                       s.activation.bits.reset();
                       s.weight.bits.reset();
                   });
}

Fix rangesFix(const DiagnosisInput& input, std::string label, std::vector<std::optional<Range>> ranges)
{
    Fix fix;
    fix.label = std::move(label);
    fix.apply = [graph = input.graph, ranges = std::move(ranges)](const QuantizationPlan& plan) {
        QuantizationPlan next = plan;
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            if (ranges[i]) {
                OperatorSettings& entry = entryOf(next, graph->operators[i]);
                entry.activation.method = CalibrationMethod{"manual", std::nullopt};
                entry.activation.range = ranges[i];
            }
        }
        return next;
    };
    return fix;
}

std::vector<std::optional<Range>> evaluationRanges(const DiagnosisInput& input)
{
    std::vector<std::optional<Range>> ranges(input.graph->operators.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const ResolvedValue* value = input.ownValue(i);
        const TensorStatistics* statistics = input.evaluated(i);
        if (!value || !statistics || statistics->total.count == 0 || value->method.name == "manual") {
            continue;
        }
        const CalibrationMethod method = isCollected(value->method) ? CalibrationMethod{} : value->method;
        const OperatorSettings settings = input.settings(i);
        ranges[i] =
            calibrate(*statistics, method, {*settings.activation.scheme, effectiveBits(settings.activation)});
    }
    return ranges;
}

} // namespace core
