#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/tensor/shape.h"
#include "kernels/int8/quantized_sum.h"

#include <algorithm>
#include <span>
#include <vector>

namespace core {

namespace {

std::vector<std::int64_t> reducedAxes(const IntegerContext& f)
{
    const std::size_t rank = f.srcShape().size();
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

bool isConsecutive(const std::vector<std::int64_t>& axes)
{
    return !axes.empty() && axes.back() - axes.front() + 1 == static_cast<std::int64_t>(axes.size());
}

Executable compileIntegerReduce(const IntegerContext& f)
{
    const Shape& src = f.srcShape();
    const auto axes = reducedAxes(f);
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

} // namespace

/// Over consecutive axes.
IntegerForm integerReduce()
{
    return {[](const IntegerContext& c) {
                return c.isOwnRange() && (c.op.type == "ReduceMean" || c.op.type == "ReduceSum")
                    && isConsecutive(reducedAxes(c));
            },
            compileIntegerReduce};
}

} // namespace core
