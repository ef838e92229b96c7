#include "tests/fuzz/known_faults.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fuzz {

namespace {

constexpr std::array kFaults{
    KnownFault{"fp32", "differs", "MeanVarianceNormalization", "",
               "ONNX Runtime divides by a standard deviation of 0 without the epsilon of ONNX's definition"},
    KnownFault{"", "", "ReduceLogSumExp", "is expected",
               "of integers: ONNX says nothing of how the logarithm rounds"},
    KnownFault{"fp32", "differs", "ReduceLogSum", "",
               "logarithm of a sum that cancels, or of a negative one, then quantized"},
    KnownFault{"fp32", "differs", "MaxPool", "nan",
               "ONNX Runtime's maximum keeps or loses a NaN by its place"},
    KnownFault{"fp32", "differs", "ReduceMax", "nan",
               "ONNX Runtime's maximum keeps or loses a NaN by its place"},
    KnownFault{"fp32", "differs", "ReduceMin", "nan",
               "ONNX Runtime's minimum keeps or loses a NaN by its place"},
    KnownFault{"fp32", "differs", "GlobalMaxPool", "nan",
               "ONNX Runtime's maximum keeps or loses a NaN by its place"},
    KnownFault{"fp32", "differs", "Dropout", "0 is expected, 1 found",
               "without training nothing is dropped: the mask is true, in ONNX Runtime of old opsets false"},
    KnownFault{
        "fp32", "differs", "MaxUnpool", "",
        "ONNX counts positions of the smaller tensor, ONNX Runtime of the output, where a shape is given"},
    KnownFault{"", "", "MaxPool", "x0 is expected",
               "SAME is ceil(input / stride) by ONNX; ONNX Runtime pads for a kernel without its dilations"},
    KnownFault{"fp32", "differs", "RNN", "e-21 found",
               "ONNX Runtime's tanh in vectors flushes arguments of 1e-20 to zero"},
    KnownFault{"", "differs", "Hardmax", "", "which of several NaN is the largest, ONNX does not say",
               Extremes::NaN},
    KnownFault{"", "differs", "TopK", "", "where NaN stands, ONNX does not say", Extremes::NaN},
    KnownFault{"", "differs", "QuantizeLinear", "", "the code of a NaN: ONNX says nothing of it",
               Extremes::NaN},
    KnownFault{"", "differs", "LSTM", "", "ThresholdedRelu of NaN inside of a cell", Extremes::NaN},
    KnownFault{"", "differs", "BlackmanWindow", "",
               "0.42 - 0.5 + 0.08 at its ends: 0 in double, 1.5e-8 in float"},
    KnownFault{"fp32", "differs", "LpNormalization", "",
               "ONNX Runtime flushes subnormal numbers, or their squares, to 0", Extremes::Subnormal},
    KnownFault{"fp32", "differs", "Elu", "", "ONNX Runtime flushes subnormal numbers to 0",
               Extremes::Subnormal},
    KnownFault{"fp32", "differs", "Selu", "0 is expected",
               "ONNX Runtime's exponential in vectors flushes arguments of 1e-20 to zero",
               Extremes::Subnormal},
    KnownFault{"fp32", "differs", "Celu", "0 is expected",
               "ONNX Runtime's exponential in vectors flushes arguments of 1e-20 to zero",
               Extremes::Subnormal},
    KnownFault{"fp32", "differs", "ReduceL2", "e-22 is expected",
               "the square of 1e-22 is subnormal in float: few of its bits are left"},
    KnownFault{"fp32", "differs", "LayerNormalization", "0 is expected",
               "the square of 1e20 is infinite in ONNX Runtime's float"},
    KnownFault{"fp32", "differs", "ReduceProd", "nan is expected",
               "ONNX Runtime's products overflow before a factor of 0 comes"},
    KnownFault{"fp32", "differs", "ReduceMean", "",
               "a normalization in steps: its squares overflow where the fused form holds them",
               Extremes::Huge},
    KnownFault{"fp32", "differs", "LRN", "0 is expected",
               "the square of 1e20 is infinite in ONNX Runtime's float"},
    KnownFault{"fp32", "differs", "InstanceNormalization", "e-05 of the range",
               "ONNX Runtime scales before it subtracts the mean, and loses digits where they cancel"},
    KnownFault{"fp32", "differs", "Gelu", "0 is expected",
               "ONNX Runtime's erf of a large negative number is -1 exactly"},
    KnownFault{"fp32", "differs", "Gelu", "found (0.000",
               "1 + erf cancels below zero: at -3.5 ONNX Runtime's float is 3e-5 off, ours is right"},
    KnownFault{"fp32", "differs", "BiasGelu", "e-05 of the range",
               "1 + erf cancels below zero: at -3.5 ONNX Runtime's float is 3e-5 off, ours is right"},
    KnownFault{"fp32", "differs", "GroupNormalization", "0 is expected",
               "the square of 1e20 is infinite in ONNX Runtime's float"},
    KnownFault{"", "", "ConvTranspose", "is expected, float32",
               "SAME is input * stride by ONNX; in ONNX Runtime no less than the kernel pads to"},
    KnownFault{"fp32", "refused", "Loop", "'carried' takes",
               "a body that declares another length than data give at run time"},
    KnownFault{"fp32", "differs", "Reduce*", "",
               "ONNX reduces nothing to its neutral element; ONNX Runtime keeps some of the dimensions",
               Extremes::NoElement},
    KnownFault{"fp32", "", "NegativeLogLikelihoodLoss", "", "no labels for scores, and the mean of no losses",
               Extremes::NoElement},
    KnownFault{"fp32", "", "SoftmaxCrossEntropyLoss", "", "no labels for scores, and the mean of no losses",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "ConvTranspose", "", "over no channels ONNX Runtime leaves sums unwritten",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "Gemm", "", "over no terms ONNX Runtime leaves beta out",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "LSTM", "", "over no steps ONNX Runtime leaves states unwritten",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "GRU", "", "over no steps ONNX Runtime leaves states unwritten",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "RNN", "", "over no steps ONNX Runtime leaves states unwritten",
               Extremes::NoElement},
    KnownFault{"fp32", "differs", "Squeeze", "",
               "an empty list of axes names none by ONNX, all in ONNX Runtime", Extremes::NoElement},
    KnownFault{"fp32", "refused", "Concat", "does not join",
               "by ONNX dimensions have to fit; ONNX Runtime passes over what holds no element",
               Extremes::NoElement},
    KnownFault{"fp32", "refused", "MelWeightMatrix", "do not broadcast",
               "ONNX Runtime's Concat counts the rows of what holds no element", Extremes::NoElement},
    KnownFault{"fp32", "", "Arg*", "",
               "ONNX knows no position in nothing; ONNX Runtime keeps some of the dimensions",
               Extremes::NoElement},
    KnownFault{"fp32", "refused", "GatherND", "do not address",
               "ONNX asks for one coordinate at least, ONNX Runtime takes none", Extremes::NoElement},
    KnownFault{"fp32", "differs", "DynamicQuantizeLinear", "",
               "DynamicQuantizeLinear of infinity or NaN: ONNX says nothing of its codes"},
};

bool isOf(double value, Extremes extremes)
{
    constexpr double kLarge = 1.8e19; // the square is infinite in float
    constexpr double kSmall = 1e-18; // the square is subnormal in float
    return extremes == Extremes::Huge ? std::isfinite(value) && std::fabs(value) > kLarge
        : extremes == Extremes::NaN   ? !std::isfinite(value)
                                      : value != 0.0 && std::fabs(value) < kSmall;
}

/// In inputs and constants; what a domain error makes of ordinary numbers counts as NaN, too.
bool contains(const DrawnGraph& graph, Extremes extremes)
{
    const auto holdsAny = [&](const core::Tensor& tensor) {
        if (extremes == Extremes::NoElement) {
            return tensor.count() == 0;
        }
        return core::isFloatingPoint(tensor.type())
            && std::ranges::any_of(core::doublesOf(tensor), [&](double v) { return isOf(v, extremes); });
    };
    const auto isSource = [&](const DrawnNode& node) {
        const auto value = node.attributes.find("value");
        const auto* held =
            value == node.attributes.end() ? nullptr : std::get_if<core::Tensor>(&value->second);
        return (held && holdsAny(*held))
            || (extremes == Extremes::NaN
                && (node.type == "Atanh" || node.type == "Acos" || node.type == "Asin" || node.type == "Log"
                    || node.type == "Sqrt" || node.type == "Acosh"));
    };
    return std::ranges::any_of(graph.inputs,
                               [&](const DrawnInput& i) { return std::ranges::any_of(i.samples, holdsAny); })
        || std::ranges::any_of(graph.constants, [&](const DrawnConstant& c) { return holdsAny(c.tensor); })
        || std::ranges::any_of(graph.nodes, isSource);
}

bool isOfType(const DrawnNode& node, std::string_view type)
{
    return type.ends_with('*') ? node.type.starts_with(type.substr(0, type.size() - 1)) : node.type == type;
}

bool holds(const std::string& text, std::string_view part)
{
    return part.empty() || text.find(part) != std::string::npos;
}

} // namespace

std::span<const KnownFault> knownFaults() { return kFaults; }

const KnownFault* knownFault(const Finding& finding, const DrawnGraph& smallest)
{
    const auto covers = [&](const KnownFault& fault) {
        return (fault.oracle.empty() || fault.oracle == finding.oracle) && holds(finding.kind, fault.kind)
            && holds(finding.text, fault.text)
            && (fault.extremes == Extremes::Any || contains(smallest, fault.extremes))
            && (fault.operatorType.empty() || std::ranges::any_of(smallest.nodes, [&](const DrawnNode& node) {
                    return isOfType(node, fault.operatorType);
                }));
    };
    const auto all = knownFaults();
    const auto found = std::ranges::find_if(all, covers);
    return found == all.end() ? nullptr : &*found;
}

} // namespace fuzz
