#include "core/plan/plan.h"

#include "core/base/error.h"
#include "core/plan/plan_fields.h"
#include "core/plan/refuse.h"

#include <charconv>
#include <fmt/format.h>
#include <tuple>

namespace core {

namespace {

/// intN sets both widths; widths of their own change what the precision says.
void reconcileBits(OperatorSettings& result, const OperatorSettings& over)
{
    if (over.precision && over.precision->isInteger() && over.precision->bits != 0) {
        result.activation.bits = over.activation.bits.value_or(over.precision->bits);
        result.weight.bits = over.weight.bits.value_or(over.precision->bits);
    }
    if (result.precision && result.precision->isInteger() && result.activation.bits && result.weight.bits) {
        const bool same = *result.activation.bits == *result.weight.bits;
        result.precision->bits = same ? *result.activation.bits : 0;
    }
}

std::optional<int> numberIn(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

} // namespace

OperatorSettings layered(const OperatorSettings& base, const OperatorSettings& over)
{
    OperatorSettings result = base;
    for (const PlanField& field : planFields()) {
        field.layer(result, over);
    }
    reconcileBits(result, over);
    return result;
}

bool QuantizationPlan::operator==(const QuantizationPlan& other) const
{
    const auto wishes = [](const QuantizationPlan& plan) {
        return std::tie(plan.defaults, plan.types, plan.operators, plan.inputs, plan.quantizeOutputs,
                        plan.fuse);
    };
    return wishes(*this) == wishes(other);
}

QuantizationPlan QuantizationPlan::makeDefault()
{
    QuantizationPlan plan;
    plan.defaults.precision = kInt8;
    plan.defaults.activation.scheme = Scheme::Asymmetric;
    plan.defaults.activation.bits = 8;
    plan.defaults.activation.method = CalibrationMethod{};
    plan.defaults.weight.scheme = Scheme::Symmetric;
    plan.defaults.weight.granularity = Granularity{};
    plan.defaults.weight.bits = 8;
    plan.defaults.weight.method = CalibrationMethod{};
    plan.defaults.backend = Backend::Real;
    plan.defaults.accumulator = Accumulator{};
    plan.defaults.rounding = Rounding::HalfEven;
    plan.defaults.runtime = Runtime::OnnxRuntime;
    plan.types["Softmax"].precision = kFp32;
    plan.types["LRN"].precision = kFp32;
    return plan;
}

QuantizationPlan QuantizationPlan::makeWritten()
{
    QuantizationPlan plan = makeDefault();
    plan.defaults.activation.method = CalibrationMethod{"written", std::nullopt};
    plan.defaults.weight.method = CalibrationMethod{"written", std::nullopt};
    plan.types.clear();
    return plan;
}

QuantizationPlan QuantizationPlan::withOperator(const std::string& name,
                                                const OperatorSettings& settings) const
{
    QuantizationPlan next = *this;
    if (settings.isEmpty()) {
        next.operators.erase(name);
    } else {
        next.operators[name] = settings;
    }
    return next;
}

OperatorSettings QuantizationPlan::settingsFor(const std::string& name, const std::string& type) const
{
    OperatorSettings result = layered(makeDefault().defaults, defaults);
    if (const auto it = types.find(type); it != types.end()) {
        result = layered(result, it->second);
    }
    for (const auto* const entries : {&selected, &operators}) {
        if (const auto it = entries->find(name); it != entries->end()) {
            result = layered(result, it->second);
        }
    }
    return result;
}

bool QuantizationPlan::fusesSums() const
{
    return defaults.fuseResidual.value_or(definitionOf(runtime()).fusesSums);
}

OperatorSettings QuantizationPlan::settingsForInput(const std::string& name) const
{
    OperatorSettings result = layered(makeDefault().defaults, defaults);
    if (const auto it = types.find("Input"); it != types.end()) {
        result = layered(result, it->second);
    }
    if (const auto it = inputs.find(name); it != inputs.end()) {
        result = layered(result, it->second);
    }
    return result;
}

std::string toString(Precision precision)
{
    switch (precision.kind) {
    case Precision::Kind::Fp32:
        return "fp32";
    case Precision::Kind::Bf16:
        return "bf16";
    case Precision::Kind::Fp16:
        return "fp16";
    case Precision::Kind::FakeFp16:
        return "fake-fp16";
    case Precision::Kind::FakeBfp14:
        return "fake-bfp14";
    case Precision::Kind::FakeBfp16:
        return "fake-bfp16";
    case Precision::Kind::FakeBfp16Round:
        return "fake-bfp16-round";
    case Precision::Kind::FakeBfp24:
        return "fake-bfp24";
    case Precision::Kind::WeightOnly:
        return "weight-only";
    case Precision::Kind::WeightFp16:
        return "weight-fp16";
    case Precision::Kind::Integer:
        break;
    }
    return precision.bits == 0 ? "int" : fmt::format("int{}", precision.bits);
}

std::string toString(Granularity granularity)
{
    switch (granularity.kind) {
    case Granularity::Kind::PerTensor:
        return "per-tensor";
    case Granularity::Kind::PerChannel:
        return "per-channel";
    case Granularity::Kind::PerConvGroup:
        return "per-conv-group";
    case Granularity::Kind::Group:
        break;
    }
    return fmt::format("group:{}", granularity.group);
}

std::string toString(Scheme scheme) { return scheme == Scheme::Symmetric ? "symmetric" : "asymmetric"; }

std::string toString(Backend backend)
{
    switch (backend) {
    case Backend::Real:
        return "real";
    case Backend::Emulated:
        return "emulated";
    case Backend::Reference:
        break;
    }
    return "reference";
}

Precision parsePrecision(std::string_view text)
{
    using Kind = Precision::Kind;
    if (text == "fp32") {
        return kFp32;
    }
    for (const Kind kind : {Kind::Bf16, Kind::Fp16, Kind::FakeFp16, Kind::FakeBfp14, Kind::FakeBfp16,
                            Kind::FakeBfp16Round, Kind::FakeBfp24, Kind::WeightOnly, Kind::WeightFp16}) {
        if (const Precision precision{kind, 16}; text == toString(precision)) {
            return precision;
        }
    }
    if (text == "int") {
        return {Kind::Integer, 0};
    }
    if (text.starts_with("int")) {
        if (const auto bits = numberIn(text.substr(3)); bits && *bits >= kFewestBits && *bits <= kMostBits) {
            return {Kind::Integer, *bits};
        }
    }
    refuse("precision", text,
           "int8, int2 … int16, int (widths by bits), fp32, bf16, fp16, fake-fp16, fake-bfp14, fake-bfp16, "
           "fake-bfp16-round, fake-bfp24, weight-only, weight-fp16");
}

Granularity parseGranularity(std::string_view text)
{
    if (text == "per-tensor") {
        return {Granularity::Kind::PerTensor, 0};
    }
    if (text == "per-channel") {
        return {Granularity::Kind::PerChannel, 0};
    }
    if (text == "per-conv-group") {
        return {Granularity::Kind::PerConvGroup, 0};
    }
    if (text.starts_with("group:")) {
        if (const auto size = numberIn(text.substr(6)); size && *size >= 1) {
            return {Granularity::Kind::Group, *size};
        }
    }
    refuse("granularity", text, "per-tensor, per-channel, per-conv-group, group:N");
}

Scheme parseScheme(std::string_view text)
{
    if (text == "symmetric") {
        return Scheme::Symmetric;
    }
    if (text == "asymmetric") {
        return Scheme::Asymmetric;
    }
    refuse("scheme", text, "asymmetric, symmetric");
}

Backend parseBackend(std::string_view text)
{
    if (text == "real") {
        return Backend::Real;
    }
    if (text == "emulated") {
        return Backend::Emulated;
    }
    refuse("backend", text, "real, emulated");
}

} // namespace core
