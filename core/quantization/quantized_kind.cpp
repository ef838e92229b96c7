#include "core/quantization/quantized_kind.h"

#include "core/network/gemm_form.h"
#include "core/quantization/obstacles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace core {

namespace {

constexpr std::array kTableTypes{
    "Sigmoid",    "HardSigmoid",     "HardSwish", "Tanh",  "LeakyRelu", "Clip",  "Elu",  "Selu", "Celu",
    "Softplus",   "Softsign",        "Erf",       "Gelu",  "Mish",      "Exp",   "Sqrt", "Abs",  "Neg",
    "Reciprocal", "ThresholdedRelu", "Pow",       "Floor", "Ceil",      "Round", "Sign", "Log"};
constexpr std::array kMovementTypes{"MaxPool",      "GlobalMaxPool", "Relu",      "Reshape",   "Flatten",
                                    "Squeeze",      "Unsqueeze",     "Transpose", "Slice",     "Identity",
                                    "Dropout",      "Gather",        "Expand",    "Tile",      "DepthToSpace",
                                    "SpaceToDepth", "Pad",           "Split",     "ReduceMax", "ReduceMin"};
constexpr std::array kOwnRangeTypes{"AveragePool",
                                    "GlobalAveragePool",
                                    "ReduceMean",
                                    "ReduceSum",
                                    "Softmax",
                                    "BatchNormalization",
                                    "PRelu",
                                    "LayerNormalization",
                                    "InstanceNormalization",
                                    "GroupNormalization",
                                    "ElementwiseLinear"};

template <std::size_t N>
bool contains(const std::array<const char*, N>& names, const std::string& type)
{
    return std::ranges::any_of(names, [&](const char* name) { return type == name; });
}

bool isActivation(const Operator& op, std::size_t i)
{
    return i < op.inputs.size() && op.inputs[i] != kNoValue && !op.constants[i];
}

/// Of real numbers: indices and the like are never codes.
int activationCount(const OperatorGraph& graph, const Operator& op)
{
    int count = 0;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        count += isActivation(op, i) && graph.value(op.inputs[i]).type == DataType::Float32 ? 1 : 0;
    }
    return count;
}

bool isScalar(const Operator& op, std::size_t i)
{
    return i < op.constants.size() && op.constants[i] && op.constants[i]->count() == 1;
}

/// A mask of Dropout or indices of MaxPool that nobody reads do not count.
std::size_t usedOutputs(const OperatorGraph& graph, const Operator& op)
{
    return static_cast<std::size_t>(std::ranges::count_if(op.outputs, [&](ValueId id) {
        return id != kNoValue
            && (id == op.result() || !graph.value(id).consumers.empty() || graph.graph->isOutput(id));
    }));
}

/// A Pad by a number that its input need not reach: its result has a range of its own. Zero lies in every
/// range, and what stands for −∞ in front of a MaxPool is to saturate.
bool padsByItsOwnNumber(const Operator& op)
{
    constexpr double kStandsForInfinity = 1e30;
    if (op.type != "Pad" || op.node.text("mode", "constant") != "constant") {
        return false;
    }
    const bool isConstant = op.constants.size() > 2 && op.constants[2] && op.constants[2]->count() > 0;
    const double value = isConstant ? doublesOf(*op.constants[2]).front() : op.node.real("value", 0.0f);
    return value != 0.0 && std::fabs(value) < kStandsForInfinity;
}

QuantizedForm none(std::string reason) { return {QuantizedKind::None, std::move(reason)}; }

QuantizedForm linearForm(const OperatorGraph& graph, const Operator& op)
{
    if (op.type == "MatMul" && activationCount(graph, op) == 2) {
        const bool isMatrix =
            graph.value(op.inputs[0]).shape.size() >= 2 && graph.value(op.inputs[1]).shape.size() >= 2;
        return isMatrix ? QuantizedForm{QuantizedKind::OwnRange, {}}
                        : none("a product with a vector stays FP32");
    }
    if (op.constants.size() < 2 || !op.constants[1]) {
        return none(fmt::format("no integer form of {} of two activations", op.type));
    }
    if (!isActivation(op, 0) || (op.inputs.size() > 2 && op.inputs[2] != kNoValue && !op.constants[2])) {
        return none("weights or bias are computed at run time");
    }
    const std::size_t rank = graph.value(op.inputs[0]).shape.size();
    if (std::string obstacle = gemmObstacle(op); !obstacle.empty()) {
        return none(std::move(obstacle));
    }
    if (op.type == "MatMul" && op.constants[1]->rank() == 1) {
        return none("a product with a vector stays FP32");
    }
    if (op.type == "MatMul" && op.constants[1]->rank() != 2) {
        return none("MatMul with batched constant weights has no integer form");
    }
    if ((op.type == "Conv" || op.type == "ConvTranspose") && (rank < 3 || rank > 5)) {
        return none(fmt::format("{} of rank {} has no integer form", op.type, rank));
    }
    return {QuantizedKind::Linear, {}};
}

} // namespace

QuantizedForm quantizedFormOf(const OperatorGraph& graph, const Operator& op)
{
    if (op.type == "Input") {
        const bool isFloat = graph.value(op.outputs[0]).type == DataType::Float32;
        return isFloat ? QuantizedForm{QuantizedKind::Input, {}} : none("not a float input");
    }
    if (!op.node.domain.empty() && op.type != "Gelu") {
        return none(fmt::format("no integer form of {}.{}", op.node.domain, op.type));
    }
    const bool mayHaveMore = op.type == "Split" || op.type == "LSTM" || op.type == "GRU";
    if ((usedOutputs(graph, op) != 1 && !mayHaveMore) || graph.value(op.result()).type != DataType::Float32) {
        return none(usedOutputs(graph, op) != 1 ? "several outputs" : "its output is not float");
    }
    if (op.type == "Conv" || op.type == "ConvTranspose" || op.type == "Gemm" || op.type == "MatMul") {
        return linearForm(graph, op);
    }
    if (op.type == "Add" || op.type == "Sub" || op.type == "Mul") {
        return activationCount(graph, op) >= 1 && op.inputs.size() == 2
            ? QuantizedForm{QuantizedKind::Binary, {}}
            : none("needs two operands");
    }
    if (op.type == "LSTM" || op.type == "GRU") {
        const std::string obstacle = recurrentObstacle(op);
        return obstacle.empty() ? QuantizedForm{QuantizedKind::OwnRange, {}} : none(obstacle);
    }
    if (op.type == "Sum") {
        return activationCount(graph, op) == static_cast<int>(op.inputs.size())
            ? QuantizedForm{QuantizedKind::OwnRange, {}}
            : none("adds constants");
    }
    if (op.type == "Div" && isScalar(op, 1) && activationCount(graph, op) == 1) {
        return {QuantizedKind::Table, {}};
    }
    if (op.type == "Gather" && op.constants[0]) {
        return op.constants[0]->type() == DataType::Float32 ? QuantizedForm{QuantizedKind::OwnRange, {}}
                                                            : none("gathers integers");
    }
    if (op.type == "Concat") {
        return activationCount(graph, op) == static_cast<int>(op.inputs.size())
            ? QuantizedForm{QuantizedKind::Concat, {}}
            : none("concatenates constants");
    }
    if (op.type == "Resize" || op.type == "Upsample") {
        const bool nearest = op.node.text("mode", "nearest") == "nearest";
        return activationCount(graph, op) == 1
            ? QuantizedForm{nearest ? QuantizedKind::Inherits : QuantizedKind::OwnRange, {}}
            : none("sizes are computed at run time");
    }
    const bool oneActivation = activationCount(graph, op) == 1 && isActivation(op, 0);
    if (contains(kMovementTypes, op.type)) {
        if (op.type == "Pad" && op.node.text("mode", "constant") == "constant" && op.inputs.size() > 2
            && op.inputs[2] != kNoValue && !op.constants[2]) {
            return none("pad value is computed at run time");
        }
        const auto kind = padsByItsOwnNumber(op) ? QuantizedKind::OwnRange : QuantizedKind::Inherits;
        return oneActivation ? QuantizedForm{kind, {}} : none("has inputs computed at run time");
    }
    if (contains(kTableTypes, op.type)) {
        // A table is made once: an exponent of integers that comes at run time counts, too.
        const bool isFixed = static_cast<std::size_t>(
                                 std::ranges::count_if(op.inputs, [](ValueId id) { return id != kNoValue; }))
            == 1 + static_cast<std::size_t>(std::ranges::count_if(op.constants, [](const auto& constant) {
                   return constant.has_value();
               }));
        return oneActivation && isFixed ? QuantizedForm{QuantizedKind::Table, {}}
                                        : none("its parameters are computed at run time");
    }
    if (contains(kOwnRangeTypes, op.type)) {
        return oneActivation ? QuantizedForm{QuantizedKind::OwnRange, {}}
                             : none("has inputs computed at run time");
    }
    return none(fmt::format("no integer form of {}", op.type));
}

} // namespace core
