#include "core/params/arithmetic.h"

#include "core/base/error.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace core {

namespace {

template <typename T, std::size_t N>
using Names = std::array<std::pair<T, std::string_view>, N>;

constexpr Names<Rounding, 3> kRoundings{
    {{Rounding::HalfEven, "half-even"}, {Rounding::Pytorch, "pytorch"}, {Rounding::Dnnlowp, "dnnlowp"}}};
constexpr Names<Requantization, 4> kRequantizations{{{Requantization::Float, "float"},
                                                     {Requantization::Gemmlowp, "gemmlowp"},
                                                     {Requantization::Qnnpack, "qnnpack"},
                                                     {Requantization::Dnnlowp, "dnnlowp"}}};
constexpr Names<Target, 3> kTargets{
    {{Target::Ideal, "ideal"}, {Target::ThisCpu, "this-cpu"}, {Target::Avx2, "avx2"}}};
constexpr Names<Convention, 4> kConventions{{{Convention::Noisefloor, "noisefloor"},
                                             {Convention::Mxnet, "mxnet"},
                                             {Convention::Pytorch, "pytorch"},
                                             {Convention::Dnnlowp, "dnnlowp"}}};
constexpr Names<Signedness, 2> kSigns{
    {{Signedness::ByRange, "range"}, {Signedness::ByProvenance, "provenance"}}};
constexpr Names<WeightRange, 2> kWeightRanges{
    {{WeightRange::Restricted, "restricted"}, {WeightRange::Full, "full"}}};

constexpr Names<QuantizedType, 3> kTypes{
    {{QuantizedType::Auto, "auto"}, {QuantizedType::Int8, "int8"}, {QuantizedType::Uint8, "uint8"}}};
constexpr Names<QuantizeMode, 2> kModes{{{QuantizeMode::Full, "full"}, {QuantizeMode::Smart, "smart"}}};
constexpr Names<LowFloatOrphans, 2> kOrphans{
    {{LowFloatOrphans::Keep, "keep"}, {LowFloatOrphans::Unmark, "unmark"}}};

[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view accepted)
{
    throw Error(ErrorKind::Usage, fmt::format("{} '{}' is unknown; accepted: {}", what, text, accepted));
}

template <typename T, std::size_t N>
std::string nameOf(const Names<T, N>& names, T value)
{
    for (const auto& [candidate, name] : names) {
        if (candidate == value) {
            return std::string(name);
        }
    }
    return {};
}

template <typename T, std::size_t N>
T valueOf(const Names<T, N>& names, std::string_view what, std::string_view text)
{
    std::string accepted;
    for (const auto& [value, name] : names) {
        if (name == text) {
            return value;
        }
        accepted += (accepted.empty() ? "" : ", ") + std::string(name);
    }
    refuse(what, text, accepted);
}

} // namespace

std::string toString(Accumulator accumulator)
{
    switch (accumulator.kind) {
    case Accumulator::Kind::S32:
        return "s32";
    case Accumulator::Kind::PairSaturating:
        return "s32-pair-saturating";
    case Accumulator::Kind::S16Outlier:
        break;
    }
    return fmt::format("s16-outlier:{}", accumulator.bits);
}

std::string toString(Rounding rounding) { return nameOf(kRoundings, rounding); }
std::string toString(Requantization form) { return nameOf(kRequantizations, form); }
std::string toString(Target target) { return nameOf(kTargets, target); }
std::string toString(Convention convention) { return nameOf(kConventions, convention); }
std::string toString(Signedness sign) { return nameOf(kSigns, sign); }
std::string toString(WeightRange range) { return nameOf(kWeightRanges, range); }
std::string toString(QuantizedType type) { return nameOf(kTypes, type); }
std::string toString(QuantizeMode mode) { return nameOf(kModes, mode); }
std::string toString(LowFloatOrphans orphans) { return nameOf(kOrphans, orphans); }

Accumulator parseAccumulator(std::string_view text)
{
    constexpr std::string_view kOutlier = "s16-outlier:";
    if (text == "s32") {
        return {};
    }
    if (text == "s32-pair-saturating") {
        return {Accumulator::Kind::PairSaturating, 8};
    }
    if (text.starts_with(kOutlier)) {
        int bits = -1;
        const std::string_view number = text.substr(kOutlier.size());
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
        if (error == std::errc{} && end == number.data() + number.size() && bits >= 0 && bits <= 8) {
            return {Accumulator::Kind::S16Outlier, bits};
        }
    }
    refuse("accumulator", text, "s32, s32-pair-saturating, s16-outlier:N with N in 0…8");
}

Rounding parseRounding(std::string_view text) { return valueOf(kRoundings, "rounding", text); }
Requantization parseRequantization(std::string_view text)
{
    return valueOf(kRequantizations, "requantization", text);
}
Target parseTarget(std::string_view text) { return valueOf(kTargets, "target", text); }
Convention parseConvention(std::string_view text) { return valueOf(kConventions, "convention", text); }
Signedness parseSignedness(std::string_view text) { return valueOf(kSigns, "sign", text); }
WeightRange parseWeightRange(std::string_view text) { return valueOf(kWeightRanges, "weight range", text); }
QuantizedType parseQuantizedType(std::string_view text) { return valueOf(kTypes, "quantized_dtype", text); }
QuantizeMode parseQuantizeMode(std::string_view text) { return valueOf(kModes, "quantize_mode", text); }
LowFloatOrphans parseLowFloatOrphans(std::string_view text)
{
    return valueOf(kOrphans, "bf16_orphans", text);
}

} // namespace core
