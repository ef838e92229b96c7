#include "core/base/checked.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <numeric>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

std::vector<std::int64_t> permutationOf(const Node& node, std::size_t rank)
{
    auto permutation = node.integers("perm");
    if (permutation.empty()) {
        permutation.resize(rank);
        std::iota(permutation.rbegin(), permutation.rend(), 0);
    }
    if (permutation.size() != rank) {
        fail(node, fmt::format("perm has {} axes, src has {}", permutation.size(), rank));
    }
    return normalizedAxes(node, std::move(permutation), rank);
}

std::vector<ValueInfo> inferTranspose(const InferContext& c)
{
    requireInputs(c, 1);
    Shape shape;
    for (const std::int64_t axis : permutationOf(c.node, c.inputs[0].shape.size())) {
        shape.push_back(c.inputs[0].shape[static_cast<std::size_t>(axis)]);
    }
    return {{c.inputs[0].type, shape}};
}

/// While it runs, what holds no element joins anything that does, as torch.cat and ONNX Runtime have it: an
/// empty list that a loop has not grown yet is a vector whatever its items are.
bool isPassedOver(const InferContext& c, std::size_t i)
{
    return c.isRunning && elementCount(c.inputs[i].shape) == 0
        && std::ranges::any_of(c.inputs, [](const ValueInfo& info) { return elementCount(info.shape) > 0; });
}

std::vector<ValueInfo> inferConcat(const InferContext& c)
{
    requireInputs(c, c.inputs.size());
    requireInputs(c, 1);
    std::size_t first = 0;
    while (isPassedOver(c, first)) {
        ++first;
    }
    ValueInfo dst = c.inputs[first];
    const auto axis = static_cast<std::size_t>(normalizedAxis(c.node.integer("axis", 1), dst.shape.size()));
    for (std::size_t i = first + 1; i < c.inputs.size(); ++i) {
        const Shape& next = c.inputs[i].shape;
        if (isPassedOver(c, i) && c.inputs[i].type == dst.type) {
            continue;
        }
        Shape expected = dst.shape;
        if (next.size() == expected.size()) {
            expected[axis] = next[axis];
        }
        if (next != expected || c.inputs[i].type != dst.type) {
            fail(c.node,
                 fmt::format("input {} is {} {}, which does not join {} {} along axis {}", i,
                             nameOf(c.inputs[i].type), toString(next), nameOf(dst.type), toString(dst.shape),
                             axis));
        }
        dst.shape[axis] += next[axis];
    }
    return {dst};
}

Outputs evaluateConcat(const Node& node, Inputs in)
{
    std::vector<Tensor> parts;
    std::ranges::copy_if(in, std::back_inserter(parts), [](const Tensor& part) { return part.count() > 0; });
    Shape shape = parts.at(0).shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 1), shape.size()));
    shape[axis] = 0;
    for (const Tensor& part : parts) {
        shape[axis] += part.shape()[axis];
    }
    TensorBuilder builder(in[0].type(), shape);
    std::byte* to = builder.data();
    const std::int64_t outer = extent(shape, 0, axis);
    const auto inner = static_cast<std::size_t>(extent(shape, axis + 1, shape.size())) * sizeOf(in[0].type());
    for (std::int64_t o = 0; o < outer; ++o) {
        for (const Tensor& part : parts) {
            const std::size_t bytes = static_cast<std::size_t>(part.shape()[axis]) * inner;
            std::memcpy(to, part.data() + static_cast<std::size_t>(o) * bytes, bytes);
            to += bytes;
        }
    }
    return {std::move(builder).finish()};
}

/// Lengths of the parts: given, or as even as possible with a smaller last one.
std::vector<std::int64_t> partLengths(const Node& node, const Integers& given, std::int64_t whole)
{
    if (given.values) {
        const Checked sum = std::accumulate(given.values->begin(), given.values->end(), Checked());
        if (sum != whole || given.values->size() != node.outputs.size()
            || std::ranges::min(*given.values) < 0) {
            fail(node,
                 fmt::format("parts {} do not split {} into {} outputs", fmt::join(*given.values, ", "),
                             whole, node.outputs.size()));
        }
        return *given.values;
    }
    const auto parts = static_cast<std::int64_t>(node.outputs.size());
    if (parts != node.integer("num_outputs", parts) || (node.version < 18 && whole % parts != 0)) {
        fail(node, fmt::format("{} does not split into {} equal parts", whole, parts));
    }
    const std::int64_t part = (whole + parts - 1) / parts;
    std::vector<std::int64_t> lengths(node.outputs.size(), part);
    lengths.back() = whole - part * (parts - 1);
    if (lengths.back() < 0) {
        fail(node, fmt::format("{} does not split into {} parts", whole, parts));
    }
    return lengths;
}

std::vector<ValueInfo> inferSplit(const InferContext& c)
{
    requireInputs(c, 1);
    const ValueInfo& src = c.inputs[0];
    const auto axis = static_cast<std::size_t>(normalizedAxis(c.node.integer("axis", 0), src.shape.size()));
    const Integers given = integersOf(c, "split", 1);
    std::vector<ValueInfo> parts(c.node.outputs.size(), src);
    const auto lengths = given.isUnknown() ? std::vector<std::int64_t>(parts.size(), kDynamic)
                                           : partLengths(c.node, given, src.shape[axis]);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].shape[axis] = lengths[i];
    }
    return parts;
}

Outputs evaluateSplit(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 0), src.size()));
    const Shape strides = rowMajorStrides(src);
    Outputs parts;
    std::int64_t first = 0;
    for (const std::int64_t length : partLengths(node, integersOf(node, in, "split", 1), src[axis])) {
        Shape shape = src;
        shape[axis] = length;
        parts.push_back(stridedCopy(in[0], shape, strides, first * strides[axis]));
        first += length;
    }
    return parts;
}

std::vector<ValueInfo> inferExpand(const InferContext& c)
{
    requireInputs(c, 2);
    const Integers wanted = integersOf(c, "", 1);
    const ValueInfo& src = c.inputs[0];
    if (wanted.isUnknown()) {
        const std::size_t rank = std::max(src.shape.size(), static_cast<std::size_t>(wanted.count));
        return {{src.type, Shape(rank, kDynamic)}};
    }
    return {{src.type, broadcastShapes(src.shape, *wanted.values)}};
}

Outputs evaluateExpand(const Node&, Inputs in)
{
    return {broadcastTo(in[0], broadcastShapes(in[0].shape(), core::integersOf(in[1])))};
}

Shape tiledShape(const Node& node, const Shape& src, const std::vector<std::int64_t>& repeats)
{
    if (repeats.size() != src.size() || std::ranges::any_of(repeats, [](std::int64_t r) { return r < 0; })) {
        fail(node, fmt::format("repeats {} do not fit src {}", fmt::join(repeats, ", "), toString(src)));
    }
    Shape shape = src;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        shape[i] = (Checked(shape[i]) * repeats[i]).value();
    }
    return shape;
}

std::vector<ValueInfo> inferTile(const InferContext& c)
{
    requireInputs(c, 2);
    const Integers repeats = integersOf(c, "", 1);
    const ValueInfo& src = c.inputs[0];
    if (repeats.isUnknown()) {
        return {{src.type, Shape(src.shape.size(), kDynamic)}};
    }
    return {{src.type, tiledShape(c.node, src.shape, *repeats.values)}};
}

/// Every axis becomes a pair (repeat, position) and is read with stride 0 along the repeat.
Outputs evaluateTile(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const auto repeats = core::integersOf(in[1]);
    const Shape own = rowMajorStrides(src);
    Shape pairs;
    Shape strides;
    for (std::size_t i = 0; i < src.size(); ++i) {
        pairs.insert(pairs.end(), {repeats.at(i), src[i]});
        strides.insert(strides.end(), {0, own[i]});
    }
    return {stridedCopy(in[0], pairs, strides).reshaped(tiledShape(node, src, repeats))};
}

std::int64_t blockSize(const Node& node, const Shape& src, bool isToSpace)
{
    const std::int64_t block = node.integer("blocksize", 0);
    if (src.size() != 4 || block < 1
        || (isToSpace ? src[1] % (Checked(block) * block).value() != 0
                      : src[2] % block != 0 || src[3] % block != 0)) {
        fail(node, fmt::format("src {} does not divide into blocks of {}", toString(src), block));
    }
    return block;
}

std::vector<ValueInfo> inferDepthToSpace(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 4);
    const Shape& s = src.shape;
    const std::int64_t b = blockSize(c.node, s, true);
    return {{src.type, {s[0], s[1] / (b * b), (Checked(s[2]) * b).value(), (Checked(s[3]) * b).value()}}};
}

Outputs evaluateDepthToSpace(const Node& node, Inputs in)
{
    const Shape& s = in[0].shape();
    const std::int64_t b = blockSize(node, s, true);
    const std::int64_t channels = s[1] / (b * b);
    const bool isColumnsFirst = node.text("mode", "DCR") == "CRD";
    const Tensor blocks = isColumnsFirst ? in[0].reshaped({s[0], channels, b, b, s[2], s[3]})
                                         : in[0].reshaped({s[0], b, b, channels, s[2], s[3]});
    const Tensor moved = transposed(blocks,
                                    isColumnsFirst ? std::vector<std::int64_t>{0, 1, 4, 2, 5, 3}
                                                   : std::vector<std::int64_t>{0, 3, 4, 1, 5, 2});
    return {moved.reshaped({s[0], channels, s[2] * b, s[3] * b})};
}

std::vector<ValueInfo> inferSpaceToDepth(const InferContext& c)
{
    const ValueInfo& src = inputOfRank(c, 0, 4);
    const Shape& s = src.shape;
    const std::int64_t b = blockSize(c.node, s, false);
    return {{src.type, {s[0], (Checked(s[1]) * b * b).value(), s[2] / b, s[3] / b}}};
}

Outputs evaluateSpaceToDepth(const Node& node, Inputs in)
{
    const Shape& s = in[0].shape();
    const std::int64_t b = blockSize(node, s, false);
    const Tensor blocks = in[0].reshaped({s[0], s[1], s[2] / b, b, s[3] / b, b});
    return {transposed(blocks, {0, 3, 5, 1, 2, 4})
                .reshaped({s[0], (Checked(s[1]) * b * b).value(), s[2] / b, s[3] / b})};
}

constexpr OperatorDefinition kMovementOperators[] = {
    {"", "Transpose", 1, inferTranspose,
     [](const Node& n, Inputs in) -> Outputs { return {transposed(in[0], permutationOf(n, in[0].rank()))}; }},
    {"", "Concat", 1, inferConcat, evaluateConcat},
    {"", "Split", 2, inferSplit, evaluateSplit},
    {"", "Expand", 8, inferExpand, evaluateExpand},
    {"", "Tile", 6, inferTile, evaluateTile},
    {"", "DepthToSpace", 1, inferDepthToSpace, evaluateDepthToSpace},
    {"", "SpaceToDepth", 1, inferSpaceToDepth, evaluateSpaceToDepth},
};

} // namespace

std::span<const OperatorDefinition> movementOperators() { return kMovementOperators; }

} // namespace core::ops
