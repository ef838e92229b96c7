#include "core/execution/integer_forms.h"

#include "core/execution/executable_support.h"
#include "core/execution/integer_normalization.h"
#include "core/execution/integer_recurrent.h"
#include "core/execution/movement_executable.h"
#include "kernels/float/channel_lookup.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/int8/quantized_softmax.h"
#include "kernels/int8/quantized_sum.h"

#include <algorithm>
#include <memory>

namespace core {

namespace {

struct Form
{
    const OperatorGraph& graph;
    const Operator& op;
    const ResolvedOperator& resolved;
    const ResolvedPlan& plan;

    [[nodiscard]] const QuantizationParams& params(ValueId id) const
    {
        return plan.values[indexOf(id)]->params;
    }
    [[nodiscard]] kernels::QuantizedFormat format(ValueId id) const { return formatOf(params(id)); }
    [[nodiscard]] const Shape& shape(ValueId id) const { return graph.value(id).shape; }
    [[nodiscard]] const Tensor* constant(std::size_t i) const
    {
        return i < op.constants.size() && op.constants[i] ? &*op.constants[i] : nullptr;
    }
};

/// Leading axes of both operands must agree, or B is one matrix for all of them.
std::optional<Executable> matMul(const Form& f)
{
    const Shape& a = f.shape(f.op.inputs[0]);
    const Shape& b = f.shape(f.op.inputs[1]);
    const bool sameBatch = a.size() == b.size() && std::equal(a.begin(), a.end() - 2, b.begin());
    if (f.constant(0) || f.constant(1) || a.size() < 2 || b.size() < 2 || !(sameBatch || b.size() == 2)) {
        return std::nullopt;
    }
    kernels::QuantizedMatMulSpec spec;
    spec.shape.k = a.back();
    spec.shape.n = b.back();
    spec.shape.sharedB = b.size() == 2;
    spec.shape.m =
        spec.shape.sharedB ? elementCount(a) / std::max<std::int64_t>(spec.shape.k, 1) : a[a.size() - 2];
    spec.shape.batch = spec.shape.sharedB ? 1 : elementCount(std::span(a).first(a.size() - 2));
    const QuantizationParams& right = f.params(f.op.inputs[1]);
    spec.bType = f.format(f.op.inputs[1]).type;
    spec.bScale = right.scale;
    spec.bZeroPoint = right.zeroPoint;
    spec.a = f.format(f.op.inputs[0]);
    const bool isCodes = f.resolved.writesCodes;
    spec.dst = isCodes ? f.format(f.op.outputs[0]) : kernels::formatF32();
    spec.activation = f.op.activation;
    const auto backend =
        f.resolved.backend == Backend::Real ? kernels::IntegerBackend::Fastest : kernels::IntegerBackend::Own;
    const auto kernel = std::make_shared<const kernels::QuantizedMatMul>(spec, backend);
    const Shape dstShape = f.shape(f.op.outputs[0]);
    const DataType type = isCodes ? f.params(f.op.outputs[0]).type : DataType::Float32;
    const bool isOwn = kernel->implementation().starts_with("own");
    return Executable{isOwn ? "noisefloor" : "onednn", kernel->implementation(),
                      [=](std::span<const Tensor> inputs) {
                          const Tensor left = toLayout(inputs[0], Layout::RowMajor);
                          const Tensor other = toLayout(inputs[1], Layout::RowMajor);
                          TensorBuilder dst(type, dstShape);
                          kernel->executeWith(bytesOf(left), bytesOf(other), bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

std::optional<Executable> sum(const Form& f)
{
    const Shape dstShape = f.shape(f.op.outputs[0]);
    Layout layout = kernelLayout(dstShape);
    std::vector<kernels::QuantizedFormat> formats;
    for (const ValueId id : f.op.inputs) {
        if (const auto fitting = repeatingLayout(f.shape(id), dstShape, dstShape); f.shape(id) != dstShape) {
            if (!fitting) {
                return std::nullopt;
            }
            layout = Layout::RowMajor;
        }
        formats.push_back(f.format(id));
    }
    for (const ValueId id : f.op.inputs) {
        if (f.shape(id) != dstShape && repeatingLayout(f.shape(id), dstShape, dstShape) != layout) {
            return std::nullopt;
        }
    }
    const auto dstFormat = f.format(f.op.outputs[0]);
    const DataType type = f.params(f.op.outputs[0]).type;
    return Executable{"noisefloor", "sum", [=](std::span<const Tensor> inputs) {
                          std::vector<Tensor> tensors;
                          std::vector<kernels::SumOperand> operands;
                          for (std::size_t i = 0; i < formats.size(); ++i) {
                              tensors.push_back(alignedOperand(inputs[i], dstShape.size(), layout));
                              operands.push_back({bytesOf(tensors.back()), formats[i]});
                          }
                          TensorBuilder dst(type, dstShape, layout);
                          kernels::sum(operands, bytesOf(dst), dstFormat);
                          return std::vector{std::move(dst).finish()};
                      }};
}

std::vector<std::int64_t> reducedAxes(const Form& f, std::size_t rank)
{
    std::vector<std::int64_t> axes = f.op.node.integers("axes");
    if (f.constant(1)) {
        axes = integersOf(*f.constant(1));
    }
    if (axes.empty() && !f.op.node.integer("noop_with_empty_axes", 0)) {
        for (std::size_t i = 0; i < rank; ++i) {
            axes.push_back(static_cast<std::int64_t>(i));
        }
    }
    for (std::int64_t& axis : axes) {
        axis = normalizedAxis(axis, rank);
    }
    std::ranges::sort(axes);
    return axes;
}

/// Over consecutive axes.
std::optional<Executable> reduce(const Form& f)
{
    const Shape& src = f.shape(f.op.inputs[0]);
    const auto axes = reducedAxes(f, src.size());
    if (axes.empty() || axes.back() - axes.front() + 1 != static_cast<std::int64_t>(axes.size())) {
        return std::nullopt;
    }
    const auto first = static_cast<std::size_t>(axes.front());
    const std::int64_t outer = elementCount(std::span(src).first(first));
    const std::int64_t n = elementCount(std::span(src).subspan(first, axes.size()));
    const std::int64_t inner = elementCount(std::span(src).subspan(first + axes.size()));
    const double factor =
        f.op.type == "ReduceMean" ? 1.0 / static_cast<double>(std::max<std::int64_t>(n, 1)) : 1.0;
    const auto srcFormat = f.format(f.op.inputs[0]);
    const auto dstFormat = f.format(f.op.outputs[0]);
    const Shape dstShape = f.shape(f.op.outputs[0]);
    const DataType type = f.params(f.op.outputs[0]).type;
    return Executable{"noisefloor", "reduce", [=](std::span<const Tensor> inputs) {
                          const Tensor rows = toLayout(inputs[0], Layout::RowMajor);
                          TensorBuilder dst(type, dstShape);
                          kernels::reduceSum(bytesOf(rows), srcFormat, outer, n, inner, factor, bytesOf(dst),
                                             dstFormat);
                          return std::vector{std::move(dst).finish()};
                      }};
}

/// Whether every constant is one number per channel (or one for all), so that the operator is a function of
/// one element and its channel.
bool isByChannel(const Form& f, const Shape& src)
{
    for (std::size_t i = 1; i < f.op.inputs.size(); ++i) {
        if (f.op.inputs[i] == kNoValue) {
            continue;
        }
        const Tensor* constant = f.constant(i);
        if (!constant || constant->rank() > src.size()) {
            return false;
        }
        const std::size_t offset = src.size() - constant->rank();
        for (std::size_t k = 0; k < constant->rank() && f.op.node.type != "BatchNormalization"; ++k) {
            if (constant->shape()[k] != 1 && k + offset != 1) {
                return false;
            }
        }
    }
    return true;
}

/// A table per channel from the FP32 evaluation of the operator on every code.
std::optional<Executable> channelTable(const Form& f)
{
    const Shape& shape = f.shape(f.op.inputs[0]);
    if (shape.size() < (f.op.node.type == "BatchNormalization" ? 2 : 3) || !isByChannel(f, shape)) {
        return std::nullopt;
    }
    const auto channels = static_cast<std::size_t>(shape[1]);
    Shape every(std::max<std::size_t>(shape.size(), 3), 1);
    every[1] = shape[1];
    every[2] = 256;
    const QuantizationParams& src = f.params(f.op.inputs[0]);
    TensorBuilder codes(src.type, every);
    for (std::size_t i = 0; i < channels * 256; ++i) {
        codes.data()[i] = static_cast<std::byte>(i % 256);
    }
    std::vector<Tensor> inputs(f.op.inputs.size());
    inputs[0] = dequantized(std::move(codes).finish(), src);
    const Tensor results = quantized(evaluateOperator(f.op, inputs)[0], f.params(f.op.outputs[0]));
    auto tables = std::make_shared<std::vector<kernels::LookupTable>>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t code = 0; code < 256; ++code) {
            (*tables)[c][code] = static_cast<std::uint8_t>(results.data()[c * 256 + code]);
        }
    }
    const DataType type = f.params(f.op.outputs[0]).type;
    return Executable{"noisefloor", "channel-table", [tables, type, channels](std::span<const Tensor> run) {
                          const Tensor& x = run[0];
                          const std::size_t plane = x.count()
                              ? static_cast<std::size_t>(elementCount(std::span(x.shape()).subspan(2)))
                              : 1;
                          const kernels::ChannelLayout layout{
                              channels, x.layout() == Layout::ChannelsLast && x.rank() >= 3 ? 1 : plane};
                          TensorBuilder dst(type, x.shape(), x.layout());
                          kernels::lookupPerChannel(bytesOf(x), layout, *tables, bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

/// Along any axis; up to opset 12 everything from the axis on is one row.
std::optional<Executable> softmax(const Form& f)
{
    const Shape& shape = f.shape(f.op.inputs[0]);
    const bool isFlattened = f.op.node.version < 13;
    const std::int64_t given = f.op.node.integer("axis", isFlattened ? 1 : -1);
    const auto axis = given == std::ssize(shape)
        ? shape.size()
        : static_cast<std::size_t>(normalizedAxis(given, shape.size()));
    kernels::SoftmaxShape rows;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        (i < axis                       ? rows.outer
             : i == axis || isFlattened ? rows.n
                                        : rows.inner) *= static_cast<std::size_t>(shape[i]);
    }
    const QuantizationParams& dstParams = f.params(f.op.outputs[0]);
    const auto kernel = std::make_shared<const kernels::QuantizedSoftmax>(rows, f.format(f.op.inputs[0]),
                                                                          formatOf(dstParams));
    const DataType type = dstParams.type;
    return Executable{"noisefloor", "softmax-int8", [=](std::span<const Tensor> inputs) {
                          const Tensor src = toLayout(inputs[0], Layout::RowMajor);
                          TensorBuilder dst(type, src.shape());
                          kernel->execute(bytesOf(src), bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

/// Gather from a constant: the table is quantized once, to the params of the result.
std::optional<Executable> embedding(const Form& f)
{
    if (!f.constant(0) || f.constant(0)->type() != DataType::Float32) {
        return std::nullopt;
    }
    const auto op = std::make_shared<Operator>(f.op);
    op->constants[0] = quantized(*f.constant(0), f.params(f.op.outputs[0]));
    return Executable{"noisefloor", "embedding", [op](std::span<const Tensor> inputs) {
                          std::vector<Tensor> operands(inputs.begin(), inputs.end());
                          operands.resize(op->inputs.size());
                          return evaluateOperator(*op, operands);
                      }};
}

} // namespace

std::optional<Executable> compileIntegerForm(const OperatorGraph& graph, const Operator& op,
                                             const ResolvedOperator& resolved, const ResolvedPlan& plan)
{
    const Form f{graph, op, resolved, plan};
    if (op.type == "MatMul") {
        return matMul(f);
    }
    if (op.type == "Sum") {
        return sum(f);
    }
    if (op.type == "ReduceMean" || op.type == "ReduceSum") {
        return reduce(f);
    }
    if (op.type == "Softmax") {
        return softmax(f);
    }
    if (op.type == "Resize" || op.type == "Upsample") {
        return compileLinearResize(graph, op, f.params(op.inputs[0]), f.params(op.outputs[0]));
    }
    if (op.node.type == "BatchNormalization" || op.type == "PRelu") {
        return channelTable(f);
    }
    if (op.type == "Gather") {
        return embedding(f);
    }
    if (op.type == "LSTM" || op.type == "GRU") {
        return compileRecurrent(graph, op, resolved, plan);
    }
    return compileNormalization(graph, op, plan);
}

} // namespace core
