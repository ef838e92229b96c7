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
