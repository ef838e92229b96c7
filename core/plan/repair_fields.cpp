// What an operator shares with its neighbours, and repairs of its weights.
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/plan/plan_field_builder.h"
#include "core/plan/repair_text.h"

#include <memory>

namespace core::fields {

namespace {

ZeroDeadChannels deadChannelsOf(const PlanValue& value)
{
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag;
    }
    return parseZeroDeadChannels(wordOf(value));
}

PlanValue writtenDeadChannels(const ZeroDeadChannels& wish)
{
    using Kind = ZeroDeadChannels::Kind;
    return wish.kind == Kind::Calibrated ? PlanValue(toString(wish)) : PlanValue(wish.kind == Kind::Provable);
}

bool isList(const PlanValue& value)
{
    return std::holds_alternative<std::vector<double>>(value)
        || std::holds_alternative<std::vector<float>>(value);
}

Equalization equalizationOf(const PlanValue& value)
{
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag;
    }
    return isList(value) ? Equalization(numbersOf(value, "scales of the source channels"))
                         : parseEqualization(wordOf(value));
}

PlanValue writtenEqualization(const Equalization& wish)
{
    return wish.scale.empty() ? PlanValue(wish.automatic) : PlanValue(wish.scale);
}

BiasCorrection biasCorrectionOf(const PlanValue& value)
{
    return isList(value)
        ? BiasCorrection{BiasCorrection::Kind::Given, numbersOf(value, "mean errors of the result channels")}
        : parseBiasCorrection(wordOf(value));
}

PlanValue writtenBiasCorrection(const BiasCorrection& wish)
{
    return wish.kind == BiasCorrection::Kind::Given ? PlanValue(wish.error) : PlanValue(toString(wish));
}

RoundingMask roundingMaskOf(const PlanValue& value)
{
    const std::string text = wordOf(value);
    if (text == "none") {
        return {};
    }
    auto bits = fromBase64(text);
    if (!bits || bits->empty()) {
        throw Error(ErrorKind::Usage, "\"none\", or bits in base64 is expected");
    }
    return {std::make_shared<const std::vector<std::uint8_t>>(std::move(*bits))};
}

PlanValue writtenRoundingMask(const RoundingMask& mask)
{
    return mask.isSet() ? toBase64(*mask.bits) : std::string("none");
}

/// A field whose access needs to be named twice.
template <typename Access, typename Parse, typename Write>
PlanField repairField(PlanField made, Access access, Parse parse, Write write)
{
    made.part = PlanField::Part::Weights;
    made.isRare = true;
    return shortly(field(std::move(made), access, parse, write), access);
}

} // namespace

PlanField runtimeField()
{
    PlanField made{
        .key = "runtime",
        .part = PlanField::Part::Arithmetic,
        .isRare = true,
        .isForIntegers = false,
        .isOfWholePlan = true,
        .label = "Runtime",
        .help = "What the whole plan is meant for: what that runtime fuses is fused here, too",
        .manual =
            "what the plan is meant for, of the whole plan: onnxruntime (default), tflite, ncnn, caffe2 "
            "round before a residual Add; tensorrt, openvino, onednn, mxnet make it part of the Conv "
            "before it, rounded once; onednn, mxnet also Tanh, Exp, Sqrt, Abs, Elu, Gelu of the product "
            "before them; onednn, mxnet, caffe2 Relu of the Sum or BatchNormalization before it"};
    for (const RuntimeDefinition& runtime : runtimes()) {
        made.choices.push_back(
            {std::string(runtime.name), std::string(runtime.title), std::string(runtime.help)});
    }
    return wordField(
        std::move(made), [](auto& s) -> auto& { return s.runtime; },
        [](const std::string& text) { return parseRuntime(text); });
}

PlanField modeField()
{
    return wordField(
        {.key = "quantize_mode",
         .part = PlanField::Part::Arithmetic,
         .isRare = true,
         .isForIntegers = false,
         .isOfWholePlan = true,
         .label = "Quantize mode",
         .help = "Which of the operators with an integer form run in it",
         .manual =
             "of the whole plan: full (default) | smart (MXNet): products (Conv, Gemm, MatMul, LSTM, GRU) "
             "and what lies between two of them; the rest stays float",
         .choices = {{"full", "", "Every operator with an integer form"},
                     {"smart", "", "Products, and what lies between two of them"}}},
        [](auto& s) -> auto& { return s.quantizeMode; },
        [](const std::string& text) { return parseQuantizeMode(text); });
}

PlanField orphansField()
{
    return wordField(
        {.key = "bf16_orphans",
         .part = PlanField::Part::Arithmetic,
         .isRare = true,
         .isForIntegers = false,
         .isOfWholePlan = true,
         .label = "bf16 orphans",
         .help = "Whether an operator runs in bf16 when nothing beside it does",
         .manual =
             "of the whole plan: keep (default) | unmark (Paddle): an operator of precision bf16 between "
             "float operators alone runs in FP32",
         .choices = {{"keep", "", "As the plan says"},
                     {"unmark", "", "Between float operators alone: FP32"}}},
        [](auto& s) -> auto& { return s.bf16Orphans; },
        [](const std::string& text) { return parseLowFloatOrphans(text); });
}

std::vector<PlanField> graphFields()
{
    using enum PlanField::Part;
    std::vector<PlanField> all;
    all.push_back(runtimeField());
    all.push_back(modeField());
    all.push_back(orphansField());
    all.push_back(flagField(
        {.key = "fuse_residual",
         .part = Arithmetic,
         .isRare = true,
         .isForIntegers = false,
         .label = "Fuse residual",
         .help = "Whether a residual Add becomes part of the Conv before it; unset: as the runtime does",
         .manual =
             "true, false: whether an Add becomes part of the Conv before it (default: as the runtime does)"},
        [](auto& s) -> auto& { return s.fuseResidual; }));
    all.push_back(flagField(
        {.key = "share_range",
         .part = Arithmetic,
         .isRare = true,
         .label = "Share range",
         .help = "Concat: one range for its output and everything it joins",
         .manual = "true, of a Concat: one range for its output and all it joins"},
        [](auto& s) -> auto& { return s.shareRange; }));
    all.push_back(flagField(
        {.key = "activation.followed_by",
         .isRare = true,
         .label = "Narrow ahead",
         .help = "Narrows the range to what a following Relu, Sigmoid or Tanh can tell apart",
         .manual =
             "true: no wider than a following Relu, Sigmoid or Tanh can tell apart; with convention dnnlowp "
             "Sigmoid and Tanh then take DNNLOWP's tables"},
        [](auto& s) -> auto& { return s.activation.followedBy; }));
    return all;
}

std::vector<PlanField> repairFields()
{
    std::vector<PlanField> all;
    all.push_back(repairField(
        {.key = "weight.zero_dead_channels",
         .label = "Dead channels",
         .help = "Zero weights for channels that carry nothing but zeros",
         .manual = "true: channels that carry only zeros whatever the input get zero weights | calibrated: "
                   "also those "
                   "that are zero in every calibration sample",
         .choices = {{"false", "keep"},
                     {"true", "zero", "Where they are dead whatever the input"},
                     {"calibrated", "zero, by data", "Also where every calibration sample is zero"}}},
        [](auto& s) -> auto& { return s.weight.zeroDeadChannels; }, deadChannelsOf, writtenDeadChannels));
    all.push_back(repairField(
        {.key = "weight.equalize",
         .label = "Equalize",
         .help = "Source channels scaled against what writes them; FP32 stays the same",
         .manual = "true: source channels scaled against what writes them so that weight ranges match, FP32 "
                   "stays the "
                   "same (cross-layer equalization) | scales of one operator's source channels",
         .choices = {{"true", "yes"}, {"false", "no"}}},
        [](auto& s) -> auto& { return s.weight.equalize; }, equalizationOf, writtenEqualization));
    all.push_back(repairField(
        {.key = "weight.bias_correction",
         .label = "Bias correction",
         .help = "Takes the mean error of rounded weights away",
         .manual = "none (default) | analytic: the mean error of rounded weights, from the calibration means "
                   "| mean "
                   "errors of one operator's result channels",
         .choices = {{"none"}, {"analytic", "", "Σ (W_q − W)·E[x], means of the calibration data"}}},
        [](auto& s) -> auto& { return s.weight.biasCorrection; }, biasCorrectionOf, writtenBiasCorrection));
    all.push_back(repairField(
        {.key = "weight.rounding_mask",
         .decidesWeights = true,
         .label = "Learnt rounding",
         .help = "Which weights are rounded up and which down; noisefloor-cli repair finds it",
         .manual = "bits of one operator's weights in base64: rounded up or down (learnt rounding)",
         .choices = {{"none", "to nearest"}}},
        [](auto& s) -> auto& { return s.weight.roundingMask; }, roundingMaskOf, writtenRoundingMask));
    return all;
}

} // namespace core::fields
