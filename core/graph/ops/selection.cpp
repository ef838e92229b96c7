#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

Tensor integerTensor(Shape shape, const std::vector<std::int64_t>& values)
{
    return makeTensor<std::int64_t>(std::move(shape), values);
}

/// Elements that lie along one axis: element k of lane l is at start + k · stride.
struct Lanes
{
    std::int64_t count = 1; ///< of lanes
    std::int64_t length = 1; ///< of a lane
    std::int64_t stride = 1;

    Lanes(const Shape& shape, std::size_t axis)
        : length(shape[axis])
        , stride(extent(shape, axis + 1, shape.size()))
    {
        count = extent(shape, 0, axis) * stride;
    }
    [[nodiscard]] std::int64_t start(std::int64_t lane, std::int64_t laneLength) const
    {
        return lane / stride * laneLength * stride + lane % stride;
    }
    [[nodiscard]] std::size_t at(std::int64_t lane, std::int64_t k) const
    {
        return static_cast<std::size_t>(start(lane, length) + k * stride);
    }
};

std::size_t axisOf(const Node& node, const Shape& shape, std::int64_t fallback)
{
    return static_cast<std::size_t>(normalizedAxis(node.integer("axis", fallback), shape.size()));
}

std::vector<ValueInfo> inferArg(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 1);
    Shape shape = src.shape;
    const std::size_t axis = axisOf(c.node, shape, 0);
    if (c.node.integer("keepdims", 1) != 0) {
        shape[axis] = 1;
    } else {
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    }
    if (src.shape[axis] == 0 && elementCount(shape) > 0) {
        fail(c.node, fmt::format("axis {} of src {} is empty", axis, toString(src.shape)));
    }
    return {{DataType::Int64, shape}};
}

/// The first of equals, or the last with select_last_index.
Outputs evaluateArg(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const std::size_t axis = axisOf(node, src, 0);
    const bool isMax = node.type == "ArgMax";
    const bool takesLast = node.integer("select_last_index", 0) != 0;
    const auto values = doublesOf(in[0]);
    const Lanes lanes(src, axis);
    std::vector<std::int64_t> best(static_cast<std::size_t>(lanes.count), 0);
    for (std::int64_t lane = 0; lane < lanes.count; ++lane) {
        std::int64_t& winner = best[static_cast<std::size_t>(lane)];
        for (std::int64_t k = 1; k < lanes.length; ++k) {
            const double x = values[lanes.at(lane, k)];
            const double y = values[lanes.at(lane, winner)];
            if ((isMax ? x > y : x < y) || (takesLast && x == y)) {
                winner = k;
            }
        }
    }
    Shape shape = src;
    if (node.integer("keepdims", 1) != 0) {
        shape[axis] = 1;
    } else {
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    }
    return {integerTensor(shape, best)};
}

std::vector<ValueInfo> inferTopK(const InferContext& c)
{
    ValueInfo src = inputOfRank(c, 0, 1);
    const std::size_t axis = axisOf(c.node, src.shape, -1);
    const Integers k = c.node.find("k") ? Integers{true, 1, {{c.node.integer("k", 1)}}}
                                        : integersOf(c, "", 1); // attribute up to opset 9
    if (!k.isPresent || k.count != 1) {
        fail(c.node, "k must be one number", ErrorKind::InvalidModel);
    }
    if (k.values && ((*k.values)[0] < 0 || (*k.values)[0] > src.shape[axis])) {
        fail(c.node,
             fmt::format("k is {}, axis {} of src {} has {}", (*k.values)[0], axis, toString(src.shape),
                         src.shape[axis]));
    }
    src.shape[axis] = k.values ? (*k.values)[0] : kDynamic;
    return {src, {DataType::Int64, src.shape}};
}

/// Sorted by value, equal ones by index.
Outputs evaluateTopK(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const std::size_t axis = axisOf(node, src, -1);
    const std::int64_t k = node.find("k") ? node.integer("k", 1) : firstInteger(node, in[1]);
    const bool isLargest = node.integer("largest", 1) != 0;
    if (k < 0 || k > src[axis]) {
        fail(node, fmt::format("k is {}, axis {} of src {} has {}", k, axis, toString(src), src[axis]));
    }
    Shape shape = src;
    shape[axis] = k;
    TensorBuilder values(in[0].type(), shape);
    TensorBuilder indices(DataType::Int64, shape);
    const Lanes lanes(src, axis);
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        const auto from = in[0].as<T>();
        std::vector<std::int64_t> order(static_cast<std::size_t>(lanes.length));
        for (std::int64_t lane = 0; lane < lanes.count; ++lane) {
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
                const auto x = widened(from[lanes.at(lane, a)]);
                const auto y = widened(from[lanes.at(lane, b)]);
                return isLargest ? x > y : x < y;
            });
            for (std::int64_t i = 0; i < k; ++i) {
                const auto to = static_cast<std::size_t>(lanes.start(lane, k) + i * lanes.stride);
                values.as<T>()[to] = from[lanes.at(lane, order[static_cast<std::size_t>(i)])];
                indices.as<std::int64_t>()[to] = order[static_cast<std::size_t>(i)];
            }
        }
    });
    return {std::move(values).finish(), std::move(indices).finish()};
}

std::vector<ValueInfo> inferNonZero(const InferContext& c)
{
    requireInputs(c, 1);
    return {{DataType::Int64, {std::ssize(c.inputs[0].shape), kDynamic}}};
}

Outputs evaluateNonZero(const Node&, Inputs in)
{
    const auto values = doublesOf(in[0]);
    const Shape strides = rowMajorStrides(in[0].shape());
    std::vector<std::int64_t> where;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] != 0.0) {
            where.push_back(static_cast<std::int64_t>(i));
        }
    }
    std::vector<std::int64_t> coordinates;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
        for (const std::int64_t i : where) {
            coordinates.push_back(i / strides[axis] % in[0].shape()[axis]);
        }
    }
    return {integerTensor({std::ssize(strides), std::ssize(where)}, coordinates)};
}

/// The slices of src along `axis` that `chosen` names.
Tensor slices(const Tensor& src, std::size_t axis, const std::vector<std::int64_t>& chosen)
{
    Shape shape = src.shape();
    const std::int64_t outer = extent(shape, 0, axis);
    const std::int64_t inner = extent(shape, axis + 1, shape.size());
    const std::int64_t length = shape[axis];
    shape[axis] = std::ssize(chosen);
    TensorBuilder builder(src.type(), shape);
    visitSize(src.type(), [&]<typename U>(std::type_identity<U>) {
        U* to = bitsOf<U>(builder).data();
        for (std::int64_t o = 0; o < outer; ++o) {
            for (const std::int64_t at : chosen) {
                to = std::copy_n(bitsOf<U>(src).data() + (o * length + at) * inner, inner, to);
            }
        }
    });
    return std::move(builder).finish();
}

std::vector<ValueInfo> inferCompress(const InferContext& c)
{
    requireInputs(c, 2);
    requireType(c, 1, DataType::Bool);
    if (!c.node.find("axis")) {
        return {{c.inputs[0].type, {kDynamic}}};
    }
    ValueInfo src = c.inputs[0];
    src.shape[axisOf(c.node, src.shape, 0)] = kDynamic;
    return {src};
}

Outputs evaluateCompress(const Node& node, Inputs in)
{
    const Tensor src = node.find("axis") ? in[0] : in[0].reshaped({in[0].count()});
    const std::size_t axis = node.find("axis") ? axisOf(node, src.shape(), 0) : 0;
    const auto condition = in[1].as<bool>();
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < std::min(src.shape()[axis], std::ssize(condition)); ++i) {
        if (condition[static_cast<std::size_t>(i)]) {
            chosen.push_back(i);
        }
    }
    return {slices(src, axis, chosen)};
}

std::vector<ValueInfo> inferUnique(const InferContext& c)
{
    requireInputs(c, 1);
    ValueInfo unique = c.inputs[0];
    if (c.node.find("axis")) {
        unique.shape[axisOf(c.node, unique.shape, 0)] = kDynamic;
    } else {
        unique.shape = {kDynamic};
    }
    const ValueInfo indices{DataType::Int64, {kDynamic}};
    return {unique, indices, indices, indices};
}

/// In lexicographic order, NaN behind every number and equal to itself.
bool sliceBefore(const std::vector<double>& a, const std::vector<double>& b)
{
    return std::ranges::lexicographical_compare(
        a, b, [](double x, double y) { return std::isnan(y) ? !std::isnan(x) : x < y; });
}

/// Slices along `axis` (elements when there is none), sorted or in order of appearance.
Outputs evaluateUnique(const Node& node, Inputs in)
{
    const Tensor src = node.find("axis") ? in[0] : in[0].reshaped({in[0].count()});
    const std::size_t axis = node.find("axis") ? axisOf(node, src.shape(), 0) : 0;
    const auto values = doublesOf(src);
    const Lanes lanes(src.shape(), axis);
    std::map<std::vector<double>, std::size_t, decltype(&sliceBefore)> known(sliceBefore);
    std::vector<std::int64_t> first;
    std::vector<std::int64_t> counts;
    std::vector<std::int64_t> inverse;
    for (std::int64_t k = 0; k < lanes.length; ++k) {
        std::vector<double> slice;
        for (std::int64_t lane = 0; lane < lanes.count; ++lane) {
            slice.push_back(values[lanes.at(lane, k)]);
        }
        const auto [it, isNew] = known.try_emplace(std::move(slice), first.size());
        if (isNew) {
            first.push_back(k);
            counts.push_back(0);
        }
        ++counts[it->second];
        inverse.push_back(static_cast<std::int64_t>(it->second));
    }
    if (node.integer("sorted", 1) != 0) {
        std::vector<std::int64_t> sortedFirst;
        std::vector<std::int64_t> sortedCounts;
        std::vector<std::int64_t> rank(first.size());
        for (const auto& [slice, index] : known) {
            rank[index] = std::ssize(sortedFirst);
            sortedFirst.push_back(first[index]);
            sortedCounts.push_back(counts[index]);
        }
        for (std::int64_t& index : inverse) {
            index = rank[static_cast<std::size_t>(index)];
        }
        first = sortedFirst;
        counts = sortedCounts;
    }
    return {slices(src, axis, first), integerTensor({std::ssize(first)}, first),
            integerTensor({std::ssize(inverse)}, inverse), integerTensor({std::ssize(counts)}, counts)};
}

/// CumSum, or CumProd.
template <bool IsProduct>
Outputs evaluateCumulative(const Node& node, Inputs in)
{
    const bool isExclusive = node.integer("exclusive", 0) != 0;
    const bool isReverse = node.integer("reverse", 0) != 0;
    const Shape& shape = in[0].shape();
    const Lanes lanes(shape,
                      static_cast<std::size_t>(normalizedAxis(firstInteger(node, in[1]), shape.size())));
    TensorBuilder builder(in[0].type(), shape);
    visitNumber(in[0].type(), [&]<typename T>(std::type_identity<T>) {
        using Sum = std::conditional_t<std::is_integral_v<T>, std::uint64_t, double>;
        const auto src = in[0].as<T>();
        const auto dst = builder.as<T>();
        for (std::int64_t lane = 0; lane < lanes.count; ++lane) {
            auto sum = static_cast<Sum>(IsProduct ? 1 : 0);
            for (std::int64_t i = 0; i < lanes.length; ++i) {
                const std::size_t at = lanes.at(lane, isReverse ? lanes.length - 1 - i : i);
                const Sum before = sum;
                const auto next = static_cast<Sum>(widened(src[at]));
                sum = IsProduct ? sum * next : sum + next;
                dst[at] = narrowed<T>(isExclusive ? before : sum);
            }
        }
    });
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferCumSum(const InferContext& c)
{
    requireInputs(c, 2);
    static_cast<void>(inputOfRank(c, 0, 1));
    return {c.inputs[0]};
}

std::vector<ValueInfo> inferReverseSequence(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 2);
    const auto batchAxis = c.node.integer("batch_axis", 1);
    const auto timeAxis = c.node.integer("time_axis", 0);
    requireInputs(c, 2);
    if (batchAxis < 0 || batchAxis > 1 || timeAxis < 0 || timeAxis > 1 || timeAxis == batchAxis) {
        fail(c.node, fmt::format("batch_axis {} and time_axis {} must be 0 and 1", batchAxis, timeAxis),
             ErrorKind::InvalidModel);
    }
    if (c.inputs[1].shape != Shape{src.shape[static_cast<std::size_t>(batchAxis)]}) {
        fail(c.node,
             fmt::format("sequence lengths {} do not fit src {}", toString(c.inputs[1].shape),
                         toString(src.shape)));
    }
    return {src};
}

Outputs evaluateReverseSequence(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto batchAxis = static_cast<std::size_t>(node.integer("batch_axis", 1));
    const auto timeAxis = static_cast<std::size_t>(node.integer("time_axis", 0));
    const auto lengths = core::integersOf(in[1]);
    const Shape strides = rowMajorStrides(shape);
    TensorBuilder builder(in[0].type(), shape);
    visitSize(in[0].type(), [&]<typename U>(std::type_identity<U>) {
        const auto src = bitsOf<U>(in[0]);
        const auto dst = bitsOf<U>(builder);
        for (std::size_t i = 0; i < dst.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            const std::int64_t time = at / strides[timeAxis] % shape[timeAxis];
            const std::int64_t length =
                lengths[static_cast<std::size_t>(at / strides[batchAxis] % shape[batchAxis])];
            if (length > shape[timeAxis]) {
                fail(node, fmt::format("a sequence of {} in src {}", length, toString(shape)));
            }
            const std::int64_t from = time < length ? length - 1 - time : time;
            dst[i] = src[static_cast<std::size_t>(at + (from - time) * strides[timeAxis])];
        }
    });
    return {std::move(builder).finish()};
}

Outputs evaluateTrilu(const Node& node, Inputs in)
{
    const bool isUpper = node.integer("upper", 1) != 0;
    const std::int64_t k = hasInput(in, 1) ? firstInteger(node, in[1]) : 0;
    const std::int64_t columns = in[0].shape().back();
    const std::int64_t rows = in[0].shape()[in[0].rank() - 2];
    TensorBuilder builder(in[0].type(), in[0].shape());
    visitSize(in[0].type(), [&]<typename U>(std::type_identity<U>) {
        const auto src = bitsOf<U>(in[0]);
        const auto dst = bitsOf<U>(builder);
        for (std::size_t i = 0; i < dst.size(); ++i) {
            const std::int64_t column = static_cast<std::int64_t>(i) % columns;
            const std::int64_t row = static_cast<std::int64_t>(i) / columns % rows;
            dst[i] = (isUpper ? column - row >= k : column - row <= k) ? src[i] : U{};
        }
    });
    return {std::move(builder).finish()};
}

constexpr OperatorDefinition kSelectionOperators[] = {
    {"", "ArgMax", 1, inferArg, evaluateArg},
    {"", "ArgMin", 1, inferArg, evaluateArg},
    {"", "TopK", 1, inferTopK, evaluateTopK},
    {"", "NonZero", 9, inferNonZero, evaluateNonZero},
    {"", "Compress", 9, inferCompress, evaluateCompress},
    {"", "Unique", 11, inferUnique, evaluateUnique},
    {"", "CumProd", 26, inferCumSum, evaluateCumulative<true>},
    {"", "CumSum", 11, inferCumSum, evaluateCumulative<false>},
    {"", "ReverseSequence", 10, inferReverseSequence, evaluateReverseSequence},
    {"", "Trilu", 14, [](const InferContext& c) -> std::vector<ValueInfo> { return {inputOfRank(c, 0, 2)}; },
     evaluateTrilu},
};

} // namespace

std::span<const OperatorDefinition> selectionOperators() { return kSelectionOperators; }

} // namespace core::ops
