#include "tests/fuzz/known_faults.h"

#include <algorithm>
#include <array>

namespace fuzz {

namespace {

constexpr std::array kFaults{
    KnownFault{"", "crash", "Gemm", "", "Gemm with C of M×N or M×1 writes beyond its bias"},
    KnownFault{"int8", "qoperator export refused by ONNX Runtime", "", "QLinearAdd",
               "the qoperator export joins u8 activations and an s8 constant in QLinearAdd"},
    KnownFault{
        "export", "qoperator reads back otherwise", "QLinearMul", "",
        "an imported QLinearMul on graph inputs of codes loses their encoding in the qoperator export"},
    KnownFault{"export", "reads back otherwise", "", "is missing",
               "caffe2 tells the first output of a Split only; qoperator nothing of inputs whose names end "
               "like ours"},
    KnownFault{"report", "threads change the numbers", "QLinearConv", "",
               "clipped shares of a written QLinearConv depend on the number of threads"},
    KnownFault{"fp32", "differs", "MeanVarianceNormalization", "",
               "ONNX Runtime divides by a standard deviation of 0 without the epsilon of ONNX's definition"},
    KnownFault{"fp32", "refused", "MaxUnpool", "",
               "MaxUnpool with output_shape refuses indices inside of it"},
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
