#include "app/cli/options.h"

#include <fmt/core.h>
#include <string_view>

namespace cli {

namespace {

// Every key of a plan.
constexpr std::string_view kPlanHelp =
    R"(A plan is JSON: {"format": "noisefloor-plan/1", "defaults": {…}, "types": {TYPE: {…}},
"operators": {NAME: {…}}, "inputs": {NAME: {…}}, "outputs": "quantized"|"float"}. Operator over type over defaults.
--set KEY=VALUE writes into the defaults, --set 'NAME::KEY=VALUE' into one operator. Keys:

precision         int8 (default), int2 … int16: both widths; int: widths by bits; fp32; bf16, fp16: FP32 sums of
                  rounded operands, result rounded; fake-fp16, fake-bfp14, fake-bfp16, fake-bfp16-round, fake-bfp24:
                  DNNLOWP's forms of Gemm and MatMul, result not rounded
activation.scheme asymmetric (default: unsigned) | symmetric (signed, zero point 0)
activation.bits   2 … 16. More than 8 bits run in integer arithmetic of our own
activation.method how the range is chosen: minmax, entropy, l2, percentile:99.99, manual, …
activation.range  [min, max] of method manual
activation.convention    noisefloor (default) | mxnet (127.5, 255.5) | pytorch | dnnlowp: whose scale and zero point
activation.reduce_range  true: one bit less, so that pairs of products cannot saturate
activation.power_of_two  true: scales rounded up to powers of two
activation.sign   range (default) | provenance: unsigned behind a Relu, else signed and symmetric (Paddle)
activation.followed_by   true: no wider than a following Relu, Sigmoid or Tanh can tell apart; with convention dnnlowp
                  Sigmoid and Tanh then take DNNLOWP's tables
weight.scheme     symmetric (default) | asymmetric
weight.granularity       per-tensor | per-channel (default) | per-conv-group | group:N (N source channels share a scale)
weight.bits, weight.method, weight.convention, weight.reduce_range, weight.power_of_two   as for activations
weight.range      restricted (-127, default of symmetric) | full (-128)
weight.zero_dead_channels   true: channels that carry only zeros whatever the input get zero weights | calibrated: also
                  those that are zero in every calibration sample
weight.equalize   true: source channels scaled against what writes them so that weight ranges match, FP32 stays the
                  same (cross-layer equalization) | scales of one operator's source channels
weight.bias_correction   none (default) | analytic: the mean error of rounded weights, from the calibration means |
                  mean errors of one operator's result channels
weight.rounding_mask     bits of one operator's weights in base64: rounded up or down (learnt rounding)
accumulator       s32 (default) | s32-pair-saturating (u8 x s8 pairs in 16 bits) | s16-outlier:N (16-bit sums; weights
                  of more than N bits are summed apart). The report counts by channel what saturated
target            ideal (default) | this-cpu | avx2: what oneDNN's s32 is there; without VNNI pairs saturate and
                  convolutions of s8 sources halve their weights
rounding          half-even (default, ONNX) | pytorch | dnnlowp: reciprocal of the scale; dnnlowp adds the zero point first
requantization    float (default) | gemmlowp | qnnpack | dnnlowp: fixed point, a residual Add included
share_range       true, of a Concat: one range for its output and all it joins
fuse_residual     false: an Add stays apart from the Conv before it
backend           real (default: oneDNN) | emulated: our own exact kernels
)";

} // namespace

void addHelp(CLI::App& app, int& exitCode)
{
    CLI::App* sub = app.add_subcommand("help", "Explain a subject");
    sub->require_subcommand(1);
    sub->add_subcommand("plan", "Every key of a plan and what it takes")->callback([&exitCode] {
        fmt::print("{}", kPlanHelp);
        exitCode = Done;
    });
}

} // namespace cli
