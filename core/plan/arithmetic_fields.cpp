// Settings that few need: whose formulas turn ranges into codes, whose arithmetic adds products up.
#include "core/plan/plan_field_builder.h"

namespace core::fields {

namespace {

std::vector<PlanField::Choice> conventions()
{
    return {{"noisefloor", "", "Zero stays exact; the default"},
            {"mxnet", "", "Scale A / 127.5 or A / 255.5, zero point 0"},
            {"pytorch", "", "quint8 and qint8 as PyTorch's observers choose them"},
            {"dnnlowp", "", "As FBGEMM and DNNLOWP choose them"}};
}

const auto kConvention = [](const std::string& text) { return parseConvention(text); };

} // namespace

std::vector<PlanField> codeFields()
{
    using enum PlanField::Part;
    std::vector<PlanField> all;
    all.push_back(wordField(
        {.key = "activation.convention",
         .isRare = true,
         .label = "Output formula",
         .help = "Whose formulas turn the output's range into scale and zero point",
         .manual =
             "noisefloor (default) | mxnet (127.5, 255.5) | pytorch | dnnlowp: whose scale and zero point",
         .choices = conventions()},
        [](auto& s) -> auto& { return s.activation.convention; }, kConvention));
    all.push_back(flagField(
        {.key = "activation.reduce_range",
         .isRare = true,
         .label = "Output −1 bit",
         .help = "One bit less for the output, against sums of pairs that saturate",
         .manual = "true: one bit less, so that pairs of products cannot saturate"},
        [](auto& s) -> auto& { return s.activation.reduceRange; }));
    all.push_back(flagField(
        {.key = "activation.power_of_two",
         .isRare = true,
         .label = "Output 2ⁿ",
         .help = "The output's scale is rounded up to a power of two",
         .manual = "true: scales rounded up to powers of two"},
        [](auto& s) -> auto& { return s.activation.powerOfTwo; }));
    all.push_back(wordField(
        {.key = "activation.sign",
         .isRare = true,
         .label = "u8 or s8",
         .help = "What decides whether the output's codes have a sign",
         .manual = "range (default) | provenance: unsigned behind a Relu, else signed and symmetric (Paddle)",
         .choices = {{"range", "", "Unsigned; signed for the symmetric scheme"},
                     {"provenance", "", "Unsigned behind a Relu, else signed and symmetric"}}},
        [](auto& s) -> auto& { return s.activation.sign; },
        [](const std::string& text) { return parseSignedness(text); }));
    all.push_back(wordField(
        {.key = "activation.quantized_dtype",
         .isRare = true,
         .label = "MXNet's type",
         .help = "Which of MXNet's 8-bit types the output's codes have, zero point 0; decides the scheme",
         .manual = "auto (u8 where the calibration data hold nothing below 0, else s8) | int8 | uint8 (what "
                   "goes below 0 stays float): MXNet's types, all with zero point 0; unset: as scheme and "
                   "sign say",
         .choices = {{"auto", "", "u8 where nothing is below 0, else s8"},
                     {"int8", "", "s8 for all"},
                     {"uint8", "", "u8; what goes below 0 stays float"}}},
        [](auto& s) -> auto& { return s.activation.type; },
        [](const std::string& text) { return parseQuantizedType(text); }));
    all.push_back(wordField(
        {.key = "weight.convention",
         .part = Weights,
         .isRare = true,
         .decidesWeights = true,
         .label = "Weight formula",
         .help = "Whose formulas turn the weights' range into scale and zero point",
         .manual = "as of activations",
         .choices = conventions()},
        [](auto& s) -> auto& { return s.weight.convention; }, kConvention));
    all.push_back(wordField(
        {.key = "weight.range",
         .part = Weights,
         .isRare = true,
         .decidesWeights = true,
         .label = "Weight codes",
         .help = "Whether the lowest code is used",
         .manual = "restricted (-127, default of symmetric) | full (-128)",
         .choices = {{"restricted", "", "−127 … 127: products cannot overflow pairs"},
                     {"full", "", "−128 … 127"}}},
        [](auto& s) -> auto& { return s.weight.range; },
        [](const std::string& text) { return parseWeightRange(text); }));
    all.push_back(flagField(
        {.key = "weight.reduce_range",
         .part = Weights,
         .isRare = true,
         .decidesWeights = true,
         .label = "Weights −1 bit",
         .help = "One bit less for the weights, against sums of pairs that saturate",
         .manual = "as of activations"},
        [](auto& s) -> auto& { return s.weight.reduceRange; }));
    all.push_back(flagField(
        {.key = "weight.power_of_two",
         .part = Weights,
         .isRare = true,
         .decidesWeights = true,
         .label = "Weights 2ⁿ",
         .help = "The weights' scales are rounded up to powers of two",
         .manual = "as of activations"},
        [](auto& s) -> auto& { return s.weight.powerOfTwo; }));
    return all;
}

std::vector<PlanField> arithmeticFields()
{
    using enum PlanField::Part;
    std::vector<PlanField> all;
    all.push_back(wordField(
        {.key = "accumulator",
         .part = Arithmetic,
         .isRare = true,
         .label = "Accumulator",
         .help = "How products of codes are summed",
         .manual =
             "s32 (default) | s32-pair-saturating (u8 x s8 pairs in 16 bits) | s16-outlier:N (16-bit sums; "
             "weights of more than N bits are summed apart). The report counts by channel what saturated",
         .choices = {{"s32", "", "Exact 32-bit sums"},
                     {"s32-pair-saturating", "", "Sums of two products saturate to 16 bits, as without VNNI"},
                     {"s16-outlier:8", "", "16-bit sums; large weights are summed apart"}}},
        [](auto& s) -> auto& { return s.accumulator; },
        [](const std::string& text) { return parseAccumulator(text); }));
    all.push_back(wordField(
        {.key = "rounding",
         .part = Arithmetic,
         .isRare = true,
         .label = "Rounding",
         .help = "How a real number becomes a code",
         .manual = "half-even (default, ONNX) | pytorch | dnnlowp: reciprocal of the scale; dnnlowp adds the "
                   "zero point "
                   "first",
         .choices = {{"half-even", "", "z + round(x / s), ties to even: ONNX"},
                     {"pytorch", "", "z + round(x · (1/s)), the reciprocal in FP32"},
                     {"dnnlowp", "", "round(z + x · (1/s))"}}},
        [](auto& s) -> auto& { return s.rounding; },
        [](const std::string& text) { return parseRounding(text); }));
    all.push_back(wordField(
        {.key = "requantization",
         .part = Arithmetic,
         .isRare = true,
         .label = "Requantize by",
         .help = "How an accumulator becomes a code",
         .manual = "float (default) | gemmlowp | qnnpack | dnnlowp: fixed point, a residual Add included",
         .choices = {{"float", "", "Multiplied in FP32"},
                     {"gemmlowp", "", "31-bit multiplier and shift, rounds twice"},
                     {"qnnpack", "", "24 bits of the float and a shift"},
                     {"dnnlowp", "", "32-bit multiplier and shift, half up"}}},
        [](auto& s) -> auto& { return s.requantization; },
        [](const std::string& text) { return parseRequantization(text); }));
    all.push_back(wordField(
        {.key = "acc16_thresholds",
         .part = Arithmetic,
         .isRare = true,
         .label = "16-bit limits",
         .help =
             "Of s16-outlier:N in convolutions: from where on 32-bit sums of saturating pairs run instead",
         .manual = "density=0.05,m=0,n=0,k=0 (default), of s16-outlier:N in convolutions: 32-bit sums where "
                   "more weights than this share have more than N bits, or there are fewer than m pixels, n "
                   "channels in a group or k products in a sum (DNNLOWP's acc16 thresholds; 128 for n and k "
                   "where it has AVX-512)",
         .choices = {{"density=0.05,m=0,n=0,k=0", "", "As DNNLOWP"},
                     {"density=0.05,m=0,n=128,k=128", "", "As DNNLOWP on AVX-512"},
                     {"density=1,m=0,n=0,k=0", "", "16-bit sums whatever the weights"}}},
        [](auto& s) -> auto& { return s.outlierLimits; },
        [](const std::string& text) { return parseOutlierLimits(text); }));
    all.push_back(numberField(
        {.key = "copy_to_32bit_frequency",
         .part = Arithmetic,
         .isRare = true,
         .label = "Spill every",
         .help = "Of s16-outlier:N: after how many products the 16-bit sum goes into 32 bits",
         .manual = "2 … 65536, even (default 256: FBGEMM's kernels; 32 is DNNLOWP's own default), of "
                   "s16-outlier:N: products between two widenings of the 16-bit sum",
         .choices = {{"256", "", "FBGEMM's kernels"}, {"32", "", "DNNLOWP's scalar form"}}},
        [](auto& s) -> auto& { return s.spillEvery; }, 2, 65536, 2));
    all.push_back(numberField(
        {.key = "requantization_multiplier_precision",
         .part = Arithmetic,
         .isRare = true,
         .label = "Multiplier bits",
         .help =
             "Of requantization dnnlowp: bits of the multiplier. Only 32 is right there: the shift of any "
             "other is off by what is missing",
         .manual = "2 … 32 (default), of requantization dnnlowp: bits of its multiplier. As in DNNLOWP the "
                   "shift does not follow, so that fewer bits make results 2^(32-bits) times too small",
         .choices = {{"32", "", "As DNNLOWP"}}},
        [](auto& s) -> auto& { return s.factorBits; }, 2, 32, 1));
    all.push_back(bitsField(
        {.key = "eltwise_quantization_precision",
         .part = Arithmetic,
         .isRare = true,
         .label = "Sum bits",
         .help = "Width of the codes in which DNNLOWP adds the operands of Add and Sum; unset: in FP32",
         .manual =
             "2 … 16 (DNNLOWP: 16): under activation.convention dnnlowp the operands of Add and Sum are "
             "requantized to common codes of that width and added as integers (default: added in FP32)"},
        [](auto& s) -> auto& { return s.sumBits; }));
    all.push_back(wordField(
        {.key = "target",
         .part = Arithmetic,
         .isRare = true,
         .label = "Target",
         .help = "Whose arithmetic an s32 accumulator stands for",
         .manual =
             "ideal (default) | this-cpu | avx2: what oneDNN's s32 is there; without VNNI pairs saturate and "
             "convolutions of s8 sources halve their weights",
         .choices = {{"ideal", "", "Exact sums"},
                     {"this-cpu", "", "What oneDNN does on this processor"},
                     {"avx2", "", "AVX2 without VNNI: pairs saturate"}}},
        [](auto& s) -> auto& { return s.target; },
        [](const std::string& text) { return parseTarget(text); }));
    all.push_back(wordField(
        {.key = "backend",
         .part = Arithmetic,
         .isRare = true,
         .label = "Backend",
         .help = "Whose kernels compute the operator",
         .manual = "real (default: oneDNN) | emulated: our own exact kernels",
         .choices = {{"real", "", "oneDNN where it has the operator, else our own"},
                     {"emulated", "", "Our own integer arithmetic, exact by definition"}}},
        [](auto& s) -> auto& { return s.backend; },
        [](const std::string& text) { return parseBackend(text); }));
    return all;
}

} // namespace core::fields
