#include "core/quantization/obstacles.h"

#include "core/graph/operator_traits.h"

#include <fmt/format.h>

namespace core {

namespace {

bool isGiven(const Operator& op, std::size_t i) { return i < op.inputs.size() && op.inputs[i] != kNoValue; }
bool isConstant(const Operator& op, std::size_t i) { return isGiven(op, i) && op.constants[i].has_value(); }

} // namespace

bool isFakeForm(Precision precision)
{
    using Kind = Precision::Kind;
    return precision.kind == Kind::FakeFp16 || precision.kind == Kind::FakeBfp14
        || precision.kind == Kind::FakeBfp16 || precision.kind == Kind::FakeBfp16Round
        || precision.kind == Kind::FakeBfp24;
}

std::string lowFloatObstacle(const OperatorGraph& graph, const Operator& op, Precision precision)
{
    if (isFakeForm(precision) && !isGemm(op.type) && !isMatMul(op.type)) {
        return fmt::format("{} is a form of Gemm and MatMul", toString(precision));
    }
    if (precision.isWeightOnly()) {
        const bool hasWeights = isLinear(op.type) && isConstant(op, 1) && !isConstant(op, 0)
            && op.constants[1]->type() == DataType::Float32
            && (isConvolution(op.type) || op.constants[1]->rank() == 2);
        if (!hasWeights) {
            return fmt::format("{} is a form of Conv, Gemm and MatMul with one constant matrix",
                               toString(precision));
        }
    }
    for (const ValueId id : op.outputs) {
        if (id != kNoValue && graph.value(id).type != DataType::Float32) {
            return "its output is not float";
        }
    }
    return {};
}

std::string recurrentObstacle(const Operator& op)
{
    if (isConstant(op, 0)) {
        return "its sequence is constant";
    }
    if (!isConstant(op, 1) || !isConstant(op, 2) || (isGiven(op, 3) && !isConstant(op, 3))
        || op.constants[1]->type() != DataType::Float32) {
        return "weights or bias are computed at run time";
    }
    if (isGiven(op, 4) || isGiven(op, 7)) {
        return "sequence lengths and peepholes have no integer form";
    }
    for (const char* key : {"activations", "clip", "activation_alpha", "activation_beta"}) {
        if (op.node.find(key)) {
            return std::string(key) + " has no integer form";
        }
    }
    const bool isPlain = op.node.integer("layout", 0) == 0 && op.node.integer("input_forget", 0) == 0;
    return isPlain ? "" : "layout and input_forget have no integer form";
}

} // namespace core
