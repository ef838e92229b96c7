// Settings that few need: whose formulas turn ranges into codes, whose arithmetic adds products up.
#include "core/plan/repair_text.h"
#include "views/base/settings_field_builder.h"

#include <algorithm>
#include <iterator>

namespace views::fields {

namespace {

Choices conventions()
{
    return {{QStringLiteral("noisefloor"), {}, tr("Zero stays exact; the default")},
            {QStringLiteral("mxnet"), {}, tr("Scale A / 127.5 or A / 255.5, zero point 0")},
            {QStringLiteral("pytorch"), {}, tr("quint8 and qint8 as PyTorch's observers choose them")},
            {QStringLiteral("dnnlowp"), {}, tr("As FBGEMM and DNNLOWP choose them")}};
}

std::vector<SettingsField> codeFields()
{
    const auto convention = [](const std::string& text) { return core::parseConvention(text); };
    std::vector<SettingsField> all;
    all.push_back(field(
        {.key = "activation.convention",
         .name = "activationConvention",
         .rare = true,
         .label = tr("Output formula"),
         .help = tr("Whose formulas turn the output's range into scale and zero point"),
         .choices = conventions()},
        [](auto& s) -> auto& { return s.activation.convention; }, convention));
    all.push_back(field(
        {.key = "weight.convention",
         .name = "weightConvention",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Weight formula"),
         .help = tr("Whose formulas turn the weights' range into scale and zero point"),
         .choices = conventions()},
        [](auto& s) -> auto& { return s.weight.convention; }, convention));
    all.push_back(field(
        {.key = "activation.sign",
         .name = "activationSign",
         .rare = true,
         .label = tr("u8 or s8"),
         .help = tr("What decides whether the output's codes have a sign"),
         .choices =
             {{QStringLiteral("range"), {}, tr("Unsigned; signed for the symmetric scheme")},
              {QStringLiteral("provenance"), {}, tr("Unsigned behind a Relu, else signed and symmetric")}}},
        [](auto& s) -> auto& { return s.activation.sign; },
        [](const std::string& text) { return core::parseSignedness(text); }));
    all.push_back(field(
        {.key = "weight.range",
         .name = "weightRange",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Weight codes"),
         .help = tr("Whether the lowest code is used"),
         .choices = {{QStringLiteral("restricted"), {}, tr("−127 … 127: products cannot overflow pairs")},
                     {QStringLiteral("full"), {}, tr("−128 … 127")}}},
        [](auto& s) -> auto& { return s.weight.range; },
        [](const std::string& text) { return core::parseWeightRange(text); }));
    all.push_back(flagField(
        {.key = "activation.power_of_two",
         .name = "activationPowerOfTwo",
         .rare = true,
         .label = tr("Output 2ⁿ"),
         .help = tr("The output's scale is rounded up to a power of two")},
        [](auto& s) -> auto& { return s.activation.powerOfTwo; }));
    all.push_back(flagField(
        {.key = "weight.power_of_two",
         .name = "weightPowerOfTwo",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Weights 2ⁿ"),
         .help = tr("The weights' scales are rounded up to powers of two")},
        [](auto& s) -> auto& { return s.weight.powerOfTwo; }));
    all.push_back(flagField(
        {.key = "activation.reduce_range",
         .name = "activationReduceRange",
         .rare = true,
         .label = tr("Output −1 bit"),
         .help = tr("One bit less for the output, against sums of pairs that saturate")},
        [](auto& s) -> auto& { return s.activation.reduceRange; }));
    all.push_back(flagField(
        {.key = "weight.reduce_range",
         .name = "weightReduceRange",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Weights −1 bit"),
         .help = tr("One bit less for the weights, against sums of pairs that saturate")},
        [](auto& s) -> auto& { return s.weight.reduceRange; }));
    return all;
}

std::vector<SettingsField> arithmeticFields()
{
    std::vector<SettingsField> all;
    all.push_back(field(
        {.key = "accumulator",
         .name = "accumulator",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Accumulator"),
         .help = tr("How products of codes are summed"),
         .choices =
             {{QStringLiteral("s32"), {}, tr("Exact 32-bit sums")},
              {QStringLiteral("s32-pair-saturating"),
               {},
               tr("Sums of two products saturate to 16 bits, as without VNNI")},
              {QStringLiteral("s16-outlier:8"), {}, tr("16-bit sums; large weights are summed apart")}}},
        [](auto& s) -> auto& { return s.accumulator; },
        [](const std::string& text) { return core::parseAccumulator(text); }));
    all.push_back(field(
        {.key = "rounding",
         .name = "rounding",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Rounding"),
         .help = tr("How a real number becomes a code"),
         .choices = {{QStringLiteral("half-even"), {}, tr("z + round(x / s), ties to even: ONNX")},
                     {QStringLiteral("pytorch"), {}, tr("z + round(x · (1/s)), the reciprocal in FP32")},
                     {QStringLiteral("dnnlowp"), {}, tr("round(z + x · (1/s))")}}},
        [](auto& s) -> auto& { return s.rounding; },
        [](const std::string& text) { return core::parseRounding(text); }));
    all.push_back(field(
        {.key = "requantization",
         .name = "requantization",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Requantize by"),
         .help = tr("How an accumulator becomes a code"),
         .choices = {{QStringLiteral("float"), {}, tr("Multiplied in FP32")},
                     {QStringLiteral("gemmlowp"), {}, tr("31-bit multiplier and shift, rounds twice")},
                     {QStringLiteral("qnnpack"), {}, tr("24 bits of the float and a shift")},
                     {QStringLiteral("dnnlowp"), {}, tr("32-bit multiplier and shift, half up")}}},
        [](auto& s) -> auto& { return s.requantization; },
        [](const std::string& text) { return core::parseRequantization(text); }));
    all.push_back(field(
        {.key = "target",
         .name = "target",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Target"),
         .help = tr("Whose arithmetic an s32 accumulator stands for"),
         .choices = {{QStringLiteral("ideal"), {}, tr("Exact sums")},
                     {QStringLiteral("this-cpu"), {}, tr("What oneDNN does on this processor")},
                     {QStringLiteral("avx2"), {}, tr("AVX2 without VNNI: pairs saturate")}}},
        [](auto& s) -> auto& { return s.target; },
        [](const std::string& text) { return core::parseTarget(text); }));
    all.push_back(field(
        {.key = "backend",
         .name = "backend",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Backend"),
         .help = tr("Whose kernels compute the operator"),
         .choices =
             {{QStringLiteral("real"), {}, tr("oneDNN where it has the operator, else our own")},
              {QStringLiteral("emulated"), {}, tr("Our own integer arithmetic, exact by definition")}}},
        [](auto& s) -> auto& { return s.backend; },
        [](const std::string& text) { return core::parseBackend(text); }));
    return all;
}

std::vector<SettingsField> graphFields()
{
    std::vector<SettingsField> all;
    all.push_back(flagField(
        {.key = "fuse_residual",
         .name = "fuseResidual",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Fuse residual"),
         .help = tr("Whether a residual Add becomes part of the Conv before it"),
         .integerOnly = false},
        [](auto& s) -> auto& { return s.fuseResidual; }));
    all.push_back(flagField(
        {.key = "share_range",
         .name = "shareRange",
         .half = Half::Arithmetic,
         .rare = true,
         .label = tr("Share range"),
         .help = tr("Concat: one range for its output and everything it joins")},
        [](auto& s) -> auto& { return s.shareRange; }));
    all.push_back(flagField(
        {.key = "activation.followed_by",
         .name = "activationFollowedBy",
         .rare = true,
         .label = tr("Narrow ahead"),
         .help = tr("Narrows the range to what a following Relu, Sigmoid or Tanh can tell apart")},
        [](auto& s) -> auto& { return s.activation.followedBy; }));
    return all;
}

std::vector<SettingsField> repairFields()
{
    std::vector<SettingsField> all;
    all.push_back(field(
        {.key = "weight.zero_dead_channels",
         .name = "weightZeroDeadChannels",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Dead channels"),
         .help = tr("Zero weights for channels that carry nothing but zeros"),
         .choices = {{QStringLiteral("false"), tr("keep"), {}},
                     {QStringLiteral("true"), tr("zero"), tr("Where they are dead whatever the input")},
                     {QStringLiteral("calibrated"), tr("zero, by data"),
                      tr("Also where every calibration sample is zero")}}},
        [](auto& s) -> auto& { return s.weight.zeroDeadChannels; },
        [](const std::string& text) { return core::parseZeroDeadChannels(text); }));
    all.push_back(field(
        {.key = "weight.equalize",
         .name = "weightEqualize",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Equalize"),
         .help = tr("Source channels scaled against what writes them; FP32 stays the same"),
         .choices = {{QStringLiteral("true"), tr("yes"), {}}, {QStringLiteral("false"), tr("no"), {}}}},
        [](auto& s) -> auto& { return s.weight.equalize; },
        [](const std::string& text) { return core::parseEqualization(text); }));
    all.push_back(field(
        {.key = "weight.bias_correction",
         .name = "weightBiasCorrection",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Bias correction"),
         .help = tr("Takes the mean error of rounded weights away"),
         .choices =
             {{QStringLiteral("none"), {}, {}},
              {QStringLiteral("analytic"), {}, tr("Σ (W_q − W)·E[x], means of the calibration data")}}},
        [](auto& s) -> auto& { return s.weight.biasCorrection; },
        [](const std::string& text) { return core::parseBiasCorrection(text); }));
    all.push_back(field(
        {.key = "weight.rounding_mask",
         .name = "weightRoundingMask",
         .half = Half::Weights,
         .rare = true,
         .label = tr("Learnt rounding"),
         .help = tr("Which weights are rounded up and which down; noisefloor-cli repair finds it"),
         .choices = {{QStringLiteral("none"), tr("to nearest"), {}}}},
        [](auto& s) -> auto& { return s.weight.roundingMask; },
        [](const std::string& text) { return core::parseRoundingMask(text); }));
    return all;
}

} // namespace

std::vector<SettingsField> rareFields()
{
    std::vector<SettingsField> all = codeFields();
    for (auto more : {arithmeticFields(), graphFields(), repairFields()}) {
        std::move(more.begin(), more.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace views::fields
