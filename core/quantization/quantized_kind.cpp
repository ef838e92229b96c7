#include "core/quantization/quantized_kind.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_rules.h"
#include "core/network/gemm_form.h"
#include "core/quantization/obstacles.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core {

namespace {

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

bool isPad(const Operator& op) { return op.type == "Pad"; }

/// A Pad by a number that its input need not reach: its result has a range of its own. Zero lies in every
/// range, and what stands for −∞ in front of a MaxPool is to saturate.
bool padsByItsOwnNumber(const Operator& op)
{
    constexpr double kStandsForInfinity = 1e30;
    if (!isPad(op) || op.node.text("mode", "constant") != "constant") {
        return false;
    }
    const bool isConstant = op.constants.size() > 2 && op.constants[2] && op.constants[2]->count() > 0;
    const double value = isConstant ? doublesOf(*op.constants[2]).front() : op.node.real("value", 0.0f);
    return value != 0.0 && std::fabs(value) < kStandsForInfinity;
}

/// Whether everything but one input is a constant number. A table is made once and for every element: an
/// exponent of integers that comes at run time counts, too.
bool isFixed(const Operator& op)
{
    const auto given = std::ranges::count_if(op.inputs, [](ValueId id) { return id != kNoValue; });
    const auto constant = std::ranges::count_if(op.constants, [](const auto& c) { return c.has_value(); });
    const bool areNumbers =
        std::ranges::all_of(op.constants, [](const auto& c) { return !c || c->count() == 1; });
    return given == 1 + constant && areNumbers;
}

QuantizedForm none(std::string reason) { return {QuantizedKind::None, std::move(reason)}; }

QuantizedForm formIf(bool isGiven, QuantizedKind kind, const char* obstacle)
{
    return isGiven ? QuantizedForm{kind, {}} : none(obstacle);
}

QuantizedForm linearForm(const OperatorGraph& graph, const Operator& op)
{
    if (isMatMul(op.type) && activationCount(graph, op) == 2) {
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
    if (isMatMul(op.type) && op.constants[1]->rank() == 1) {
        return none("a product with a vector stays FP32");
    }
    if (hasBatchedWeights(op)) {
        return formIf(rank >= 2 && op.constants[1]->type() == DataType::Float32, QuantizedKind::OwnRange,
                      "a product with a vector stays FP32");
    }
    if (isConvolution(op.type) && (rank < 3 || rank > 5)) {
        return none(fmt::format("{} of rank {} has no integer form", op.type, rank));
    }
    return {QuantizedKind::Linear, {}};
}

QuantizedForm movementForm(const OperatorGraph& graph, const Operator& op)
{
    if (op.type == "Gather" && op.constants[0]) { // an embedding
        return formIf(op.constants[0]->type() == DataType::Float32, QuantizedKind::OwnRange,
                      "gathers integers");
    }
    if (isPad(op) && op.node.text("mode", "constant") == "constant" && op.inputs.size() > 2
        && op.inputs[2] != kNoValue && !op.constants[2]) {
        return none("pad value is computed at run time");
    }
    return formIf(activationCount(graph, op) == 1 && isActivation(op, 0),
                  padsByItsOwnNumber(op) ? QuantizedKind::OwnRange : QuantizedKind::Inherits,
                  "has inputs computed at run time");
}

QuantizedForm resamplingForm(const OperatorGraph& graph, const Operator& op)
{
    const bool isNearest = op.node.text("mode", "nearest") == "nearest";
    return formIf(activationCount(graph, op) == 1,
                  isNearest ? QuantizedKind::Inherits : QuantizedKind::OwnRange,
                  "sizes are computed at run time");
}

QuantizedForm recurrentForm(const Operator& op)
{
    std::string obstacle = recurrentObstacle(op);
    return obstacle.empty() ? QuantizedForm{QuantizedKind::OwnRange, {}} : none(std::move(obstacle));
}

} // namespace

QuantizedForm quantizedFormOf(const OperatorGraph& graph, const Operator& op)
{
    if (op.type == "Input") {
        const bool isFloat = graph.value(op.outputs[0]).type == DataType::Float32;
        return formIf(isFloat, QuantizedKind::Input, "not a float input");
    }
    if (!op.node.domain.empty() && op.type != "Gelu") {
        return none(fmt::format("no integer form of {}.{}", op.node.domain, op.type));
    }
    const OperatorKind kind = traitsOf(op.type).kind;
    const bool mayHaveMore = op.type == "Split" || kind == OperatorKind::Recurrent;
    if ((usedOutputs(graph, op) != 1 && !mayHaveMore) || graph.value(op.result()).type != DataType::Float32) {
        return none(usedOutputs(graph, op) != 1 ? "several outputs" : "its output is not float");
    }
    const int activations = activationCount(graph, op);
    const bool allActivations = activations == static_cast<int>(op.inputs.size());
    const bool oneActivation = activations == 1 && isActivation(op, 0);
    switch (kind) {
    case OperatorKind::Linear:
        return linearForm(graph, op);
    case OperatorKind::Binary:
        return formIf(activations >= 1 && op.inputs.size() == 2, QuantizedKind::Binary, "needs two operands");
    case OperatorKind::Quotient:
        if (isScalar(op, 1) && activations == 1) {
            return {QuantizedKind::Table, {}};
        }
        break;
    case OperatorKind::Sum:
        return formIf(allActivations, QuantizedKind::OwnRange, "adds constants");
    case OperatorKind::Join:
        return formIf(allActivations, QuantizedKind::Concat, "concatenates constants");
    case OperatorKind::Function:
        return formIf(oneActivation && isFixed(op), QuantizedKind::Table,
                      "its parameters are no constant numbers");
    case OperatorKind::Movement:
        return movementForm(graph, op);
    case OperatorKind::Resampling:
        return resamplingForm(graph, op);
    case OperatorKind::OwnRange:
        return formIf(oneActivation, QuantizedKind::OwnRange, "has inputs computed at run time");
    case OperatorKind::Recurrent:
        return recurrentForm(op);
    case OperatorKind::Other:
        break;
    }
    return none(fmt::format("no integer form of {}", op.type));
}

} // namespace core
