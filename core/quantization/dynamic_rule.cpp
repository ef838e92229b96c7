#include "core/quantization/dynamic_rule.h"

#include "core/quantization/quantized_kind.h"

#include <fmt/format.h>

namespace core {

namespace {

bool isPlain(const ActivationSettings& s)
{
    return *s.bits == 8 && s.convention.value_or(Convention::Noisefloor) == Convention::Noisefloor
        && s.sign.value_or(Signedness::ByRange) == Signedness::ByRange && !s.reduceRange.value_or(false)
        && !s.powerOfTwo.value_or(false) && !s.followedBy.value_or(false);
}

bool isPlain(const OperatorSettings& s)
{
    const auto granularity = s.weight.granularity->kind;
    return s.precision->bits == 8 && *s.weight.bits == 8 && *s.weight.scheme == Scheme::Symmetric
        && s.weight.convention.value_or(Convention::Noisefloor) == Convention::Noisefloor
        && (granularity == Granularity::Kind::PerTensor || granularity == Granularity::Kind::PerChannel)
        && s.accumulator.value_or(Accumulator{}) == Accumulator{}
    && s.target.value_or(Target::Ideal) == Target::Ideal
        && s.requantization.value_or(Requantization::Float) == Requantization::Float
        && s.rounding.value_or(Rounding::HalfEven) == Rounding::HalfEven;
}

bool runsOnCodes(const OperatorSettings& settings, QuantizedKind kind)
{
    return settings.precision->isInteger() && kind != QuantizedKind::None;
}

} // namespace

std::string obstacleToDynamic(const OperatorGraph& graph, const std::vector<OperatorSettings>& settings,
                              ValueId id)
{
    if (const auto writer = graph.producerOf[indexOf(id)]) {
        const Operator& op = graph.at(*writer);
        const QuantizedKind kind = quantizedFormOf(graph, op).kind;
        const bool canWriteFloats =
            kind == QuantizedKind::Linear || kind == QuantizedKind::Input || kind == QuantizedKind::Inherits;
        if (runsOnCodes(settings[indexOf(*writer)], kind) && !canWriteFloats) {
            return fmt::format("{} writes codes", op.type);
        }
        if (kind != QuantizedKind::Inherits && !isPlain(settings[indexOf(*writer)].activation)) {
            return "it is not plain 8 bits";
        }
    }
    for (const OperatorId reader : graph.consumersOf[indexOf(id)]) {
        const Operator& op = graph.at(reader);
        const QuantizedKind kind = quantizedFormOf(graph, op).kind;
        if (!runsOnCodes(settings[indexOf(reader)], kind)) {
            continue;
        }
        if (kind == QuantizedKind::Inherits) {
            if (std::string obstacle = obstacleToDynamic(graph, settings, op.outputs[0]); !obstacle.empty()) {
                return obstacle;
            }
            continue;
        }
        if (kind != QuantizedKind::Linear || (op.residual && op.inputs[*op.residual] == id)) {
            return fmt::format("{} ({}) reads codes", op.name, op.type);
        }
        if (!isPlain(settings[indexOf(reader)])) {
            return fmt::format("{} is not plain 8 bits with symmetric weights", op.name);
        }
    }
    return {};
}

} // namespace core
