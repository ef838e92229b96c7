#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// Axes come as an attribute, since opset 13 (ReduceSum) or 18 as an input. None means all, or none at all
/// with noop_with_empty_axes.
std::vector<std::int64_t> reducedAxes(const Node& node, const Integers& given, std::size_t rank)
{
    std::vector<std::int64_t> axes = given.values.value_or(std::vector<std::int64_t>{});
    if (axes.empty() && node.integer("noop_with_empty_axes", 0) == 0) {
        axes.resize(rank);
        std::iota(axes.begin(), axes.end(), 0);
    }
    return normalizedAxes(node, std::move(axes), rank);
}

Shape reducedShape(const Node& node, const Shape& src, const std::vector<std::int64_t>& axes)
{
    const bool keeps = node.integer("keepdims", 1) != 0;
    Shape shape;
    for (std::size_t i = 0; i < src.size(); ++i) {
        if (std::ranges::find(axes, static_cast<std::int64_t>(i)) == axes.end()) {
            shape.push_back(src[i]);
        } else if (keeps) {
            shape.push_back(1);
        }
    }
    return shape;
}

std::vector<ValueInfo> inferReduce(const InferContext& c)
{
    requireInputs(c, 1);
    const ValueInfo& src = c.inputs[0];
    const Integers axes = integersOf(c, "axes", 1);
    if (!axes.isUnknown()) {
        return {{src.type, reducedShape(c.node, src.shape, reducedAxes(c.node, axes, src.shape.size()))}};
    }
    if (c.node.integer("keepdims", 1) != 0) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    if (axes.count > std::ssize(src.shape)) {
        fail(c.node, "more axes than the tensor has", ErrorKind::InvalidModel);
    }
    return {{src.type,
             Shape(axes.count == 0 ? 0 : src.shape.size() - static_cast<std::size_t>(axes.count), kDynamic)}};
}

/// src with the reduced axes moved last: rows of `length` elements, one per element of the result.
struct Grouped
{
    Tensor rows;
    Shape shape;
    std::size_t length = 1;
};

Grouped grouped(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const auto axes = reducedAxes(node, integersOf(node, in, "axes", 1), src.size());
    std::vector<std::int64_t> permutation;
    for (std::int64_t i = 0; i < std::ssize(src); ++i) {
        if (std::ranges::find(axes, i) == axes.end()) {
            permutation.push_back(i);
        }
    }
    Grouped result;
    for (const std::int64_t axis : axes) {
        permutation.push_back(axis);
        result.length *= static_cast<std::size_t>(src[static_cast<std::size_t>(axis)]);
    }
    result.rows = transposed(in[0], permutation);
    result.shape = reducedShape(node, src, axes);
    return result;
}

/// dst = f(row) in double, rounded once (truncated for integers).
template <typename F>
Outputs reduced(const Node& node, Inputs in, F f)
{
    const Grouped group = grouped(node, in);
    const auto values = doublesOf(group.rows);
    std::vector<double> dst(static_cast<std::size_t>(elementCount(group.shape)));
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = f(std::span(values).subspan(i * group.length, group.length));
    }
    return {castTo(makeTensor<double>(group.shape, dst), in[0].type())};
}

/// Σ g(x), exact for integers in 64 bits.
template <typename G>
Outputs summed(const Node& node, Inputs in, G g)
{
    if (isFloatingPoint(in[0].type())) {
        return reduced(node, in, [=](std::span<const double> row) {
            double sum = 0.0;
            for (const double x : row) {
                sum += g(x);
            }
            return sum;
        });
    }
    const Grouped group = grouped(node, in);
    const auto values = core::integersOf(group.rows);
    std::vector<std::int64_t> dst(static_cast<std::size_t>(elementCount(group.shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        dst[i / group.length] += g(values[i]);
    }
    return {castTo(makeTensor<std::int64_t>(group.shape, dst), in[0].type())};
}

/// The largest (or smallest) element, in the element's own type; the limit of the type for an empty row.
template <typename Better>
Outputs extremum(const Node& node, Inputs in, bool isMax, Better better)
{
    Inputs from = in;
    std::vector<Tensor> bytes;
    const bool isBool = in[0].type() == DataType::Bool; // since opset 20
    if (isBool) {
        bytes.assign(in.begin(), in.end());
        bytes[0] = castTo(in[0], DataType::UInt8);
        from = bytes;
    }
    const Grouped group = grouped(node, from);
    TensorBuilder builder(from[0].type(), group.shape);
    visitNumber(from[0].type(), [&]<typename T>(std::type_identity<T>) {
        using Wide = decltype(widened(T{}));
        using Limits = std::numeric_limits<Wide>;
        const Wide high = Limits::has_infinity ? Limits::infinity() : Limits::max();
        const Wide low = Limits::has_infinity ? static_cast<Wide>(-high) : Limits::lowest();
        const auto values = group.rows.as<T>();
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < dst.size(); ++i) {
            Wide best = isMax ? low : high;
            for (const T value : values.subspan(i * group.length, group.length)) {
                best = better(widened(value), best) ? widened(value) : best;
            }
            dst[i] = narrowed<T>(best);
        }
    });
    Tensor result = std::move(builder).finish();
    return {isBool ? castTo(result, DataType::Bool) : result};
}

double sum(std::span<const double> row) { return std::accumulate(row.begin(), row.end(), 0.0); }

double squares(std::span<const double> row)
{
    return std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
}

double logSumExp(std::span<const double> row)
{
    if (row.empty()) {
        return -std::numeric_limits<double>::infinity();
    }
    const double largest = *std::ranges::max_element(row);
    if (std::isinf(largest)) {
        return largest;
    }
    double total = 0.0;
    for (const double x : row) {
        total += std::exp(x - largest);
    }
    return largest + std::log(total);
}

constexpr OperatorDefinition kReductionOperators[] = {
    {"", "ReduceSum", 1, inferReduce,
     [](const Node& n, Inputs in) { return summed(n, in, [](auto x) { return x; }); }},
    {"", "ReduceSumSquare", 1, inferReduce,
     [](const Node& n, Inputs in) { return summed(n, in, [](auto x) { return x * x; }); }},
    {"", "ReduceL1", 1, inferReduce,
     [](const Node& n, Inputs in) { return summed(n, in, [](auto x) { return x < 0 ? -x : x; }); }},
    {"", "ReduceL2", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return reduced(n, in, [](std::span<const double> r) { return std::sqrt(squares(r)); });
     }},
    {"", "ReduceMean", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return reduced(n, in,
                        [](std::span<const double> r) { return sum(r) / static_cast<double>(r.size()); });
     }},
    {"", "ReduceProd", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return reduced(n, in, [](std::span<const double> r) {
             return std::accumulate(r.begin(), r.end(), 1.0, std::multiplies<>{});
         });
     }},
    {"", "ReduceLogSum", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return reduced(n, in, [](std::span<const double> r) { return std::log(sum(r)); });
     }},
    {"", "ReduceLogSumExp", 1, inferReduce,
     [](const Node& n, Inputs in) { return reduced(n, in, logSumExp); }},
    {"", "ReduceMax", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return extremum(n, in, true, [](auto a, auto b) { return a > b || a != a; });
     }},
    {"", "ReduceMin", 1, inferReduce,
     [](const Node& n, Inputs in) {
         return extremum(n, in, false, [](auto a, auto b) { return a < b || a != a; });
     }},
};

} // namespace

std::span<const OperatorDefinition> reductionOperators() { return kReductionOperators; }

} // namespace core::ops
