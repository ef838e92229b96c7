#include "tests/fuzz/known_faults.h"

#include <algorithm>
#include <array>

namespace fuzz {

namespace {

constexpr std::array kFaults{
    KnownFault{"", "crash", "Gemm", "", "Gemm with C of M×N or M×1 writes beyond its bias"},
    KnownFault{"", "crash", "Gather", "", "exports of a Gather from a table of constants crash"},
    KnownFault{"int8", "computes something else", "Gemm", "", "int8 ignores alpha and beta of Gemm"},
    KnownFault{"int8", "computes something else", "Hardmax", "",
               "exports write Hardmax of an old opset, which spans axes, in the form of opset 13"},
    KnownFault{"int8", "refused by ONNX Runtime", "", "bound to different types",
               "the qoperator export joins u8 activations and an s8 constant in QLinearAdd and QLinearMul"},
    KnownFault{"int8", "refused by ONNX Runtime", "TopK", "",
               "exports write TopK of an old opset without its k"},
    KnownFault{"int8", "refused by ONNX Runtime", "", "Duplicate definition",
               "names that an export makes collide with the model's own"},
    KnownFault{"export", "does not read back", "", "is also an input",
               "names that an export makes collide with the model's own"},
    KnownFault{"", "", "Dropout", "",
               "the mask of Dropout: lost in exports, and all true where ONNX Runtime has false"},
    KnownFault{"export", "reads back otherwise", "Split", "is missing",
               "tables of encodings tell only some outputs of a Split"},
    KnownFault{"export", "reads back otherwise", "GRU", "is missing",
               "tables of encodings tell only some outputs of a GRU"},
    KnownFault{"export", "mxnet reads back otherwise", "QuantizeLinear", "scale",
               "the mxnet export changes the scale of a written QuantizeLinear without naming the loss"},
    KnownFault{"export", "paddle reads back otherwise", "QuantizeLinear", "scale",
               "the paddle export changes the scale of a written QuantizeLinear without naming the loss"},
    KnownFault{"export", "qoperator reads back otherwise", "", "is missing",
               "the reader takes an input whose name ends like ONNX Runtime's own for its tensor"},
    KnownFault{"fp32", "differs", "MeanVarianceNormalization", "",
               "ONNX Runtime divides by a standard deviation of 0 without the epsilon of ONNX's definition"},
    KnownFault{"", "", "ReduceLogSumExp", "is expected",
               "of integers: ONNX says nothing of how the logarithm rounds"},
    KnownFault{"fp32", "differs", "ReduceLogSum", "",
               "logarithm of a sum that cancels, or of a negative one, then quantized"},
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
