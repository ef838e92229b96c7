#include "core/execution/executable.h"

#include "core/base/error.h"
#include "core/execution/bounded_executable.h"
#include "core/execution/executable_support.h"
#include "core/execution/integer_forms.h"
#include "core/execution/movement_executable.h"
#include "core/execution/quantized_linear.h"
#include "core/network/window_shapes.h"
#include "core/quantization/scheme.h"
#include "kernels/codes/quantize.h"
#include "kernels/emulated/dnnlowp_tables.h"
#include "kernels/float/elementwise.h"
#include "kernels/float/pooling.h"
#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

namespace core {

namespace {

using Context = FormContext;

Executable input(const Context& c)
{
    const QuantizationParams params = c.params(c.op.outputs[0]);
    const Layout layout = kernelLayout(c.dstShape());
    return {"noisefloor", "quantize", [=](std::span<const Tensor> inputs) {
                return std::vector{quantized(toLayout(inputs[0], layout), params)};
            }};
}

Tensor dequantizedOperand(const QuantizedWeights& weights, const Shape& shape)
{
    TensorBuilder real(DataType::Float32, shape);
    const auto dst = real.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] =
            weights.params.scale[0] * static_cast<float>(weights.codeAt(i) - weights.params.zeroPoint[0]);
    }
    return std::move(real).finish();
}

/// Dequantizes, runs the FP32 form, quantizes the result: exact arithmetic on codes up to FP32 rounding.
Executable throughFloat(const Context& c)
{
    const auto op = std::make_shared<Operator>(c.op); // kept: the float form may refer to it
    for (std::size_t i = 0; c.resolved.weights && i < op->constants.size(); ++i) {
        if (op->constants[i]) { // a constant operand is what its codes say
            op->constants[i] = dequantizedOperand(*c.resolved.weights, op->constants[i]->shape());
        }
    }
    const auto inner = std::make_shared<Executable>(compileFloat(c.graph, *op, c.resolved.backend));
    std::vector<std::optional<QuantizationParams>> inputParams;
    for (std::size_t i = 0; i < c.op.inputs.size(); ++i) {
        const bool activation = c.op.inputs[i] != kNoValue && !c.op.constants[i]
            && c.graph.value(c.op.inputs[i]).type == DataType::Float32;
        inputParams.push_back(activation ? std::optional(c.params(c.op.inputs[i])) : std::nullopt);
    }
    std::vector<std::optional<QuantizationParams>> outputParams;
    for (const ValueId id : c.op.outputs) {
        const bool isCode =
            c.resolved.writesCodes && id != kNoValue && c.plan.values[indexOf(id)].has_value();
        outputParams.push_back(isCode ? std::optional(c.params(id)) : std::nullopt);
    }
    return {"noisefloor", "dequantize+" + inner->implementation + "+quantize",
            [=](std::span<const Tensor> inputs) {
                (void)op;
                std::vector<Tensor> reals(inputs.begin(), inputs.end());
                for (std::size_t i = 0; i < inputParams.size(); ++i) {
                    if (inputParams[i]) {
                        reals[i] = dequantized(inputs[i], *inputParams[i]);
                    }
                }
                std::vector<Tensor> outputs = inner->run(reals);
                outputs.resize(outputParams.size());
                for (std::size_t i = 0; i < outputParams.size(); ++i) {
                    if (outputParams[i]) {
                        outputs[i] = quantized(outputs[i], *outputParams[i]);
                    }
                }
                return outputs;
            }};
}

/// Whether kernels of 8-bit codes and half-to-even division will not do.
bool needsFloat(const Context& c)
{
    const auto odd = [&](ValueId id) {
        const auto& value = c.plan.values[indexOf(id)]; // none of an output that nobody reads
        return value && (sizeOf(value->params.type) > 1 || value->params.rounding != Rounding::HalfEven);
    };
    for (std::size_t i = 0; i < c.op.inputs.size(); ++i) {
        const bool isCode = c.op.inputs[i] != kNoValue && !c.op.constants[i]
            && c.graph.value(c.op.inputs[i]).type == DataType::Float32;
        if (isCode && odd(c.op.inputs[i])) {
            return true;
        }
    }
    const auto isOdd = [&](ValueId id) { return id != kNoValue && odd(id); };
    return (c.resolved.writesCodes && std::ranges::any_of(c.op.outputs, isOdd))
        || (c.resolved.weights && c.resolved.weights->params.bits > 8);
}

Executable binary(const Context& c)
{
    if (needsFloat(c)) {
        return throughFloat(c);
    }
    const Shape dstShape = c.dstShape();
    const auto layout =
        repeatingLayout(c.graph.value(c.op.inputs[0]).shape, c.graph.value(c.op.inputs[1]).shape, dstShape);
    const auto kind = c.op.activation.kind;
    if (!layout
        || (kind != kernels::Activation::Kind::None && kind != kernels::Activation::Kind::Relu
            && kind != kernels::Activation::Kind::Clip)) {
        return throughFloat(c);
    }
    std::vector<Tensor> constants(2);
    std::vector<kernels::QuantizedFormat> formats(2);
    for (std::size_t i = 0; i < 2; ++i) {
        if (c.op.constants[i]) {
            constants[i] =
                alignedOperand(makeTensor<std::int8_t>(c.op.constants[i]->shape(), c.resolved.weights->codes),
                               dstShape.size(), *layout);
            formats[i] = formatOf(c.resolved.weights->params);
        } else {
            formats[i] = c.format(c.op.inputs[i]);
        }
    }
    const auto operation = c.op.type == "Add" ? kernels::BinaryOperation::Add
        : c.op.type == "Sub"                  ? kernels::BinaryOperation::Sub
                                              : kernels::BinaryOperation::Mul;
    const auto activation = c.op.activation;
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    return {"noisefloor", "elementwise", [=](std::span<const Tensor> inputs) {
                const auto operand = [&](std::size_t i) {
                    return alignedOperand(constants[i].isDefined() ? constants[i] : inputs[i],
                                          dstShape.size(), *layout);
                };
                const Tensor a = operand(0);
                const Tensor b = operand(1);
                TensorBuilder dst(dstType, dstShape, *layout);
                kernels::binary(operation, bytesOf(a), formats[0], bytesOf(b), formats[1], bytesOf(dst),
                                dstFormat, activation);
                return std::vector{std::move(dst).finish()};
            }};
}

/// Every code there is, in the order of its byte.
Tensor allCodes(DataType type)
{
    TensorBuilder codes(type, {256});
    for (int i = 0; i < 256; ++i) {
        codes.data()[i] = static_cast<std::byte>(i);
    }
    return std::move(codes).finish();
}

Executable lookup(const std::string& implementation, DataType dstType, const kernels::LookupTable& entries)
{
    return {"noisefloor", implementation, [=](std::span<const Tensor> run) {
                TensorBuilder dst(dstType, run[0].shape(), run[0].layout());
                kernels::lookup(bytesOf(run[0]), entries, bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

/// The 256 results come from the FP32 evaluation of the operator itself, or are DNNLOWP's where its
/// convention asks.
Executable table(const Context& c)
{
    const Follower ancestor = dnnlowpTableOf(c.op, c.params(c.op.inputs[0]), c.params(c.op.outputs[0]));
    if (ancestor != Follower::None) {
        return lookup("table:dnnlowp", c.dstType(),
                      ancestor == Follower::Sigmoid ? kernels::dnnlowpSigmoidTable()
                                                    : kernels::dnnlowpTanhTable());
    }
    if (needsFloat(c)) {
        return throughFloat(c);
    }
    std::vector<Tensor> inputs(c.op.inputs.size());
    inputs[0] = dequantized(allCodes(c.params(c.op.inputs[0]).type), c.params(c.op.inputs[0]));
    const Tensor results = quantized(evaluateOperator(c.op, inputs)[0], c.params(c.op.outputs[0]));
    kernels::LookupTable entries{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i] = static_cast<std::uint8_t>(results.data()[i]);
    }
    return lookup("table", c.dstType(), entries);
}

Executable maxPool(const Context& c)
{
    const auto shape = poolingShapeOf(c.graph, c.op);
    const Shape dstShape = c.dstShape();
    const auto type = c.format(c.op.inputs[0]).type;
    const DataType dstType = c.dstType();
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(dstType, dstShape, Layout::ChannelsLast);
                kernels::maxPool(shape, type, bytesOf(src), bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

Executable averagePool(const Context& c)
{
    const auto shape = poolingShapeOf(c.graph, c.op);
    const Shape dstShape = c.dstShape();
    const auto srcFormat = c.format(c.op.inputs[0]);
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    const auto padding = c.op.node.integer("count_include_pad", 0) ? kernels::PaddingCount::Include
                                                                   : kernels::PaddingCount::Exclude;
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(dstType, dstShape, Layout::ChannelsLast);
                kernels::averagePool(shape, padding, srcFormat, bytesOf(src), dstFormat, bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

/// max(q, zero point): the params are those of the input.
Executable relu(const Context& c)
{
    const auto format = c.format(c.op.inputs[0]);
    kernels::LookupTable entries{};
    for (int i = 0; i < 256; ++i) {
        const int code = format.type == kernels::ElementType::S8 ? static_cast<std::int8_t>(i) : i;
        entries[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::max(code, format.zeroPoint));
    }
    return lookup("table", c.params(c.op.inputs[0]).type, entries);
}

/// A constant pad value becomes its code; without one padding is zero, whose code is the zero point.
Operator withCodedPadValue(const Context& c)
{
    Operator op = c.op;
    const QuantizationParams& params = c.params(op.inputs[0]);
    float value = op.node.real("value", 0.0f);
    if (op.constants.size() > 2 && op.constants[2]) {
        value = static_cast<float>(doublesOf(*op.constants[2]).front());
    }
    const Tensor code = quantized(makeTensor<float>({}, std::array{value}), params);
    if (op.node.find("pads")) { // before opset 11 pads and value are attributes
        op.node.attributes["value"] = static_cast<float>(doublesOf(code).front());
        return op;
    }
    op.inputs.resize(std::max<std::size_t>(op.inputs.size(), 3), kNoValue);
    op.node.inputs.resize(op.inputs.size(), kNoValue);
    op.constants.resize(op.inputs.size());
    // The readable evaluation asks the node whether the input is there; any value but kNoValue says so.
    op.inputs[2] = op.node.inputs[2] = op.inputs[0];
    op.constants[2] = code;
    return op;
}

/// Movement of codes by the operator's own evaluation, which does not care what the elements mean.
Executable movement(const Context& c)
{
    const auto op = std::make_shared<const Operator>(c.op.type == "Pad" ? withCodedPadValue(c) : c.op);
    return {"noisefloor", "move:" + op->type, [op](std::span<const Tensor> inputs) {
                std::vector<Tensor> operands(inputs.begin(), inputs.end());
                operands.resize(op->inputs.size());
                return evaluateOperator(*op, operands);
            }};
}

Executable inheriting(const Context& c)
{
    const std::size_t rank = c.graph.value(c.op.inputs[0]).shape.size();
    const bool compares = c.op.type == "Relu" || c.op.type == "MaxPool" || c.op.type == "GlobalMaxPool";
    if (compares && sizeOf(c.params(c.op.inputs[0]).type) > 1) {
        return throughFloat(c); // exact: the largest real has the largest code
    }
    if (c.op.type == "Relu") {
        return relu(c);
    }
    if ((c.op.type == "MaxPool" || c.op.type == "GlobalMaxPool") && rank >= 3 && rank <= 5) {
        return maxPool(c);
    }
    if (c.op.type == "Transpose") {
        return compileTranspose(c.graph, c.op);
    }
    if (c.op.type == "Resize" || c.op.type == "Upsample") {
        if (auto resize = compileResize(c.graph, c.op)) {
            return std::move(*resize);
        }
    }
    return isReshape(c.op) ? compileReshape(c.graph, c.op) : movement(c);
}

Executable concat(const Context& c)
{
    const auto join = std::make_shared<Executable>(compileConcat(c.graph, c.op));
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    std::vector<kernels::QuantizedFormat> formats;
    std::vector<QuantizationParams> params;
    for (const ValueId id : c.op.inputs) {
        formats.push_back(c.format(id));
        params.push_back(c.params(id));
    }
    const QuantizationParams dstParams = c.params(c.op.outputs[0]);
    return {"noisefloor", "concat", [=](std::span<const Tensor> inputs) {
                std::vector<Tensor> parts(inputs.begin(), inputs.end());
                for (std::size_t i = 0; i < parts.size(); ++i) {
                    if (formats[i] != dstFormat && dstParams.rounding != Rounding::HalfEven) {
                        parts[i] = quantized(dequantized(parts[i], params[i]), dstParams);
                    } else if (formats[i] != dstFormat) {
                        TensorBuilder part(dstType, parts[i].shape(), parts[i].layout());
                        kernels::requantize(bytesOf(parts[i]), formats[i], bytesOf(part), dstFormat);
                        parts[i] = std::move(part).finish();
                    }
                }
                return join->run(parts);
            }};
}

} // namespace

Executable compileQuantized(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan)
{
    const Context c{graph, graph.at(id), plan.operators[indexOf(id)], plan};
    const bool isProduct = c.op.type == "MatMul";
    if (!c.resolved.writesCodes && c.resolved.kind != QuantizedKind::Linear && !isProduct) {
        return throughFloat(c); // codes in, reals out
    }
    switch (c.resolved.kind) {
    case QuantizedKind::Input:
        return input(c);
    case QuantizedKind::Linear:
        return bounded(compileQuantizedLinear(c, id), graph, c.op,
                       c.resolved.writesCodes ? std::optional(c.params(c.op.outputs[0])) : std::nullopt);
    case QuantizedKind::Binary:
        return binary(c);
    case QuantizedKind::Table:
        return table(c);
    case QuantizedKind::Inherits:
        return inheriting(c);
    case QuantizedKind::OwnRange: {
        const std::size_t rank = graph.value(c.op.inputs[0]).shape.size();
        if (c.op.type == "Gather" || !needsFloat(c)) { // an embedding moves codes of any width
            if (auto form = compileIntegerForm(graph, c.op, c.resolved, plan)) {
                return std::move(*form);
            }
        }
        const bool average = c.op.type == "AveragePool" || c.op.type == "GlobalAveragePool";
        return average && !needsFloat(c) && rank >= 3 && rank <= 5 ? averagePool(c) : throughFloat(c);
    }
    case QuantizedKind::Concat:
        return concat(c);
    case QuantizedKind::None:
        break;
    }
    throw Error(ErrorKind::UnsupportedOperator, c.op.name + ": has no integer form");
}

} // namespace core
