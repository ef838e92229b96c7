// What an operator runs in, and how the ranges of its output and of its weights become scales.
#include "core/plan/plan_field_builder.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace core::fields {

namespace {

std::vector<PlanField::Choice> schemes()
{
    return {{"asymmetric", "", "Any zero point; zero stays exact"},
            {"symmetric", "", "Zero point 0 of a signed type; both ends equally far"}};
}

PlanField precisionField()
{
    PlanField made{
        .key = "precision",
        .isForIntegers = false,
        .label = "Precision",
        .help = "What the operator runs in; intN sets the widths of output and weights",
        .manual = "int8 (default), int2 … int16: both widths; int: widths by bits; fp32; bf16, fp16: FP32 "
                  "sums of rounded operands, result rounded; fake-fp16, fake-bfp14, fake-bfp16, "
                  "fake-bfp16-round, fake-bfp24: DNNLOWP's forms of Gemm and MatMul, result not rounded; "
                  "weight-only: FP32 on "
                  "weights as codes (weight.*); weight-fp16: FP32 on weights rounded to FP16, both of Conv, "
                  "Gemm and MatMul"};
    for (const char* value :
         {"int8", "fp32", "bf16", "fp16", "weight-only", "weight-fp16", "int2", "int3", "int4", "int5",
          "int6", "int7", "int9", "int10", "int12", "int14", "int16", "int"}) {
        made.choices.push_back({value});
    }
    return wordField(
        std::move(made), [](auto& s) -> auto& { return s.precision; },
        [](const std::string& text) { return parsePrecision(text); });
}

Range rangeOf(const PlanValue& value)
{
    const auto* ends = std::get_if<std::vector<double>>(&value);
    if (!ends || ends->size() != 2) {
        throw Error(ErrorKind::Usage, "[min, max] is expected");
    }
    const Range range{(*ends)[0], (*ends)[1]};
    if (!(range.min <= range.max) || range.min < -3e38 || range.max > 3e38) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{} … {} is no range of finite floats", range.min, range.max));
    }
    return range;
}

} // namespace

std::vector<PlanField> outputFields()
{
    std::vector<PlanField> all;
    all.push_back(precisionField());
    all.push_back(wordField(
        {.key = "activation.scheme",
         .label = "Output scheme",
         .help = "Whether the output's zero point is free or 0",
         .manual = "asymmetric (default: unsigned) | symmetric (signed, zero point 0)",
         .choices = schemes()},
        [](auto& s) -> auto& { return s.activation.scheme; },
        [](const std::string& text) { return parseScheme(text); }));
    all.push_back(bitsField(
        {.key = "activation.bits",
         .label = "Output bits",
         .help = "Width of the output's codes",
         .manual = "2 … 16. More than 8 bits run in integer arithmetic of our own"},
        [](auto& s) -> auto& { return s.activation.bits; }));
    all.push_back(methodField(
        {.key = "activation.method",
         .isForIntegers = false,
         .label = "Output by",
         .help = "How the range of the output is chosen from the calibration data",
         .manual = "how the range is chosen: minmax, entropy, l2, percentile:99.99, manual, … "
                   "(noisefloor-cli list-methods)"},
        [](auto& s) -> auto& { return s.activation.method; }));
    all.push_back(wordField(
        {.key = "activation.input_methods",
         .isRare = true,
         .isForIntegers = false,
         .manual =
             "how the ranges of what the operator reads are chosen, by input from 0: 0=entropy,1=minmax; "
             "of several readers the first that is run decides, over the method of the operator that "
             "writes the tensor, unless that is manual (Paddle's rules per type and connection)"},
        [](auto& s) -> auto& { return s.activation.inputMethods; },
        [](const std::string& text) { return parseInputMethods(text); }));
    all.push_back(field(
        {.key = "activation.range", .isForIntegers = false, .manual = "[min, max] of method manual"},
        [](auto& s) -> auto& { return s.activation.range; }, rangeOf,
        [](const Range& range) {
            return std::vector<double>{range.min, range.max};
        }));
    return all;
}

std::vector<PlanField> weightFields()
{
    using enum PlanField::Part;
    std::vector<PlanField> all;
    all.push_back(wordField(
        {.key = "weight.scheme",
         .part = Weights,
         .decidesWeights = true,
         .label = "Weight scheme",
         .help = "Whether the weights' zero point is free or 0",
         .manual = "symmetric (default) | asymmetric",
         .choices = schemes()},
        [](auto& s) -> auto& { return s.weight.scheme; },
        [](const std::string& text) { return parseScheme(text); }));
    all.push_back(wordField(
        {.key = "weight.granularity",
         .part = Weights,
         .decidesWeights = true,
         .label = "Granularity",
         .help = "How many weights share a scale",
         .manual = "per-tensor | per-channel (default) | per-conv-group | group:N (N source channels share a "
                   "scale)",
         .choices = {{"per-channel", "", "One scale per output channel"},
                     {"per-tensor", "", "One scale for all weights"}}},
        [](auto& s) -> auto& { return s.weight.granularity; },
        [](const std::string& text) { return parseGranularity(text); }));
    all.push_back(bitsField(
        {.key = "weight.bits",
         .part = Weights,
         .decidesWeights = true,
         .label = "Weight bits",
         .help = "Width of the weights' codes",
         .manual = "2 … 16"},
        [](auto& s) -> auto& { return s.weight.bits; }));
    all.push_back(methodField(
        {.key = "weight.method",
         .part = Weights,
         .decidesWeights = true,
         .label = "Weights by",
         .help = "How the range of the weights is chosen",
         .manual = "as of activations"},
        [](auto& s) -> auto& { return s.weight.method; }));
    return all;
}

} // namespace core::fields
