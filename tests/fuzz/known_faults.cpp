#include "tests/fuzz/known_faults.h"

#include <algorithm>
#include <array>

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
    KnownFault{"fp32", "differs", "DynamicQuantizeLinear", "",
               "DynamicQuantizeLinear of infinity or NaN: ONNX says nothing of its codes"},
};

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
            && (fault.operatorType.empty() || std::ranges::any_of(smallest.nodes, [&](const DrawnNode& node) {
                    return node.type == fault.operatorType;
                }));
    };
    const auto all = knownFaults();
    const auto found = std::ranges::find_if(all, covers);
    return found == all.end() ? nullptr : &*found;
}

} // namespace fuzz
