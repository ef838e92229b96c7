#include "core/plan.h"

#include "core/error.h"

#include <charconv>
#include <fmt/format.h>

namespace core {

namespace {

template <typename T>
void put(std::optional<T>& base, const std::optional<T>& over)
{
    if (over) {
        base = over;
    }
}

[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view accepted)
{
    throw Error(ErrorKind::Usage, fmt::format("{} '{}' is unknown; accepted: {}", what, text, accepted));
}

/// intN sets both widths.
OperatorSettings withBitsOfPrecision(OperatorSettings settings)
{
    if (settings.precision->isInteger() && settings.precision->bits != kInt8.bits) {
        settings.activation.bits = settings.precision->bits;
        settings.weight.bits = settings.precision->bits;
    }
    return settings;
}

std::optional<int> numberIn(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc {} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

} // namespace

OperatorSettings layered(const OperatorSettings& base, const OperatorSettings& over)
{
    OperatorSettings result = base;
    put(result.precision, over.precision);
    put(result.activation.scheme, over.activation.scheme);
    put(result.activation.bits, over.activation.bits);
    put(result.activation.method, over.activation.method);
    put(result.activation.range, over.activation.range);
    put(result.weight.scheme, over.weight.scheme);
    put(result.weight.granularity, over.weight.granularity);
    put(result.weight.bits, over.weight.bits);
    put(result.weight.method, over.weight.method);
    put(result.backend, over.backend);
    put(result.fuseResidual, over.fuseResidual);
    return result;
}

QuantizationPlan QuantizationPlan::makeDefault()
{
    QuantizationPlan plan;
    plan.defaults.precision = kInt8;
    plan.defaults.activation = {Scheme::Asymmetric, 8, CalibrationMethod {}, std::nullopt};
    plan.defaults.weight = {Scheme::Symmetric, Granularity {}, 8, CalibrationMethod {}};
    plan.defaults.backend = Backend::Real;
    plan.types["Softmax"].precision = kFp32;
    return plan;
}

QuantizationPlan QuantizationPlan::withOperator(const std::string& name, const OperatorSettings& settings) const
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
    if (const auto it = operators.find(name); it != operators.end()) {
        result = layered(result, it->second);
    }
    return withBitsOfPrecision(std::move(result));
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
    return withBitsOfPrecision(std::move(result));
}

std::string toString(Precision precision)
{
    switch (precision.kind) {
    case Precision::Kind::Fp32: return "fp32";
    case Precision::Kind::Bf16: return "bf16";
    case Precision::Kind::Fp16: return "fp16";
    case Precision::Kind::Integer: break;
    }
    return fmt::format("int{}", precision.bits);
}

std::string toString(Granularity granularity)
{
    switch (granularity.kind) {
    case Granularity::Kind::PerTensor: return "per-tensor";
    case Granularity::Kind::PerChannel: return "per-channel";
    case Granularity::Kind::Group: break;
    }
    return fmt::format("group:{}", granularity.group);
}

std::string toString(Scheme scheme)
{
    return scheme == Scheme::Symmetric ? "symmetric" : "asymmetric";
}

std::string toString(Backend backend)
{
    switch (backend) {
    case Backend::Real: return "real";
    case Backend::Emulated: return "emulated";
    case Backend::Reference: break;
    }
    return "reference";
}

Precision parsePrecision(std::string_view text)
{
    if (text == "fp32") {
        return kFp32;
    }
    if (text.starts_with("int")) {
        if (const auto bits = numberIn(text.substr(3)); bits && *bits == 8) {
            return {Precision::Kind::Integer, *bits};
        }
    }
    refuse("precision", text, "int8, fp32");
}

Granularity parseGranularity(std::string_view text)
{
    if (text == "per-tensor") {
        return {Granularity::Kind::PerTensor, 0};
    }
    if (text == "per-channel") {
        return {Granularity::Kind::PerChannel, 0};
    }
    refuse("granularity", text, "per-tensor, per-channel");
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
