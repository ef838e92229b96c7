#include "io/exports/qlinear_form.h"

#include "kernels/codes/requantization.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace io {

namespace {

using core::Operator;
using core::QuantizedKind;
using Kind = QLinearForm::Kind;

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr std::array<std::string_view, 7> kMovement{"MaxPool",   "Reshape",   "Flatten", "Squeeze",
                                                    "Unsqueeze", "Transpose", "Identity"};
constexpr std::array<std::string_view, 4> kUnary{"GlobalAveragePool", "AveragePool", "Sigmoid", "LeakyRelu"};

QLinearForm none(std::string reason) { return {Kind::None, {}, {}, std::move(reason)}; }

/// Relu and Clip that saturation of the output's codes does already.
bool isAbsorbed(const kernels::Activation& activation, const core::QuantizationParams& params)
{
    using Activation = kernels::Activation::Kind;
    if (activation.kind == Activation::None) {
        return true;
    }
    if (activation.kind != Activation::Relu && activation.kind != Activation::Clip) {
        return false;
    }
    kernels::QuantizedFormat format{kernels::ElementType::U8, params.scale[0], params.zeroPoint[0],
                                    params.codes.lowest, params.codes.highest};
    const auto narrowed = kernels::makeRequantization({}, format, activation, std::nullopt).dst;
    return narrowed.lowest == format.lowest && narrowed.highest == format.highest;
}

QLinearForm linearForm(const Operator& op, const core::ResolvedOperator& resolved)
{
    if (resolved.weights && resolved.weights->bias.empty() && op.constants.size() > 2 && op.constants[2]) {
        return none("its bias is of real numbers");
    }
    if (op.type == "Conv") {
        return {Kind::Weights, "QLinearConv", "", ""};
    }
    const bool hasBias = resolved.weights && !resolved.weights->bias.empty();
    if (op.type == "MatMul") {
        return hasBias ? none("QLinearMatMul takes no bias")
                       : QLinearForm{Kind::Weights, "QLinearMatMul", "", ""};
    }
    if (op.type == "Gemm") {
        const bool plain = op.node.real("alpha", 1.0f) == 1.0f && op.node.real("beta", 1.0f) == 1.0f;
        return plain ? QLinearForm{Kind::Gemm, "QGemm", std::string(kMicrosoft), ""}
                     : none("QGemm takes no beta");
    }
    return none(op.type + " has no QLinear form");
}

/// ONNX has one element type for all that such a node joins; only weights may have another. Empty, or the
/// reason.
std::string otherTypeOf(const Operator& op, const core::ResolvedPlan& plan, QuantizedKind kind,
                        core::DataType type)
{
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] == core::kNoValue) {
            continue;
        }
        const auto& value = plan.values[core::indexOf(op.inputs[i])];
        const bool isOperand = op.constants[i] && kind == QuantizedKind::Binary;
        const auto found = isOperand    ? core::DataType::Int8
            : !op.constants[i] && value ? value->params.type
                                        : type;
        if (found != type) {
            return fmt::format("joins codes of {} and {}", core::nameOf(found), core::nameOf(type));
        }
    }
    return {};
}

} // namespace

QLinearForm qLinearFormOf(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                          core::OperatorId id)
{
    const Operator& op = graph.at(id);
    const core::ResolvedOperator& r = plan.operators[core::indexOf(id)];
    if (r.kind == QuantizedKind::None || r.kind == QuantizedKind::Input) {
        return {};
    }
    if (!r.writesCodes) {
        return none("writes reals");
    }
    const core::QuantizationParams& params = plan.values[core::indexOf(op.outputs[0])]->params;
    if (params.bits != 8) {
        return none(fmt::format("{} bits have no QLinear form", params.bits));
    }
    if (op.residual) {
        return none("its fused Add is a node of its own");
    }
    if (!isAbsorbed(op.activation, params)) {
        return none("its activation is not a bound of its codes");
    }
    if (const std::string other = otherTypeOf(op, plan, r.kind, params.type); !other.empty()) {
        return none(other);
    }
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        const bool isActivation = op.inputs[i] != core::kNoValue && !op.constants[i];
        if (isActivation && !plan.isCodes(graph, op.inputs[i])) {
            return none("reads what a float operator writes");
        }
    }
    switch (r.kind) {
    case QuantizedKind::Linear:
        return linearForm(op, r);
    case QuantizedKind::Binary:
        return op.type == "Sub" ? none("Sub has no QLinear form")
                                : QLinearForm{Kind::Binary, "QLinear" + op.type, std::string(kMicrosoft), ""};
    case QuantizedKind::Concat:
        return {Kind::Concat, "QLinearConcat", std::string(kMicrosoft), ""};
    case QuantizedKind::Inherits:
        return std::ranges::find(kMovement, op.type) != kMovement.end()
            ? QLinearForm{Kind::Movement, op.type, "", ""}
            : none(op.type + " has no form on codes");
    default:
        if (op.type == "AveragePool" && op.node.integer("ceil_mode", 0) != 0) {
            // ONNX Runtime (seen in 1.30) divides by windows that reach beyond the padding.
            return none("QLinearAveragePool with ceil_mode counts otherwise");
        }
        if (std::ranges::any_of(op.node.integers("dilations"), [](std::int64_t d) { return d != 1; })) {
            return none("QLinearAveragePool has no dilations");
        }
        return std::ranges::find(kUnary, op.type) != kUnary.end()
            ? QLinearForm{Kind::Unary, "QLinear" + op.type, std::string(kMicrosoft), ""}
            : none(op.type + " has no QLinear form");
    }
}

} // namespace io
