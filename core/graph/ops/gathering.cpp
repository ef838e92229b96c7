#include "core/graph/ops/definitions.h"
#include "core/graph/ops/element_types.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// index in [−size, size) → [0, size).
std::int64_t position(const Node& node, std::int64_t index, std::int64_t size)
{
    if (index < -size || index >= size) {
        fail(node, fmt::format("index {} is outside an axis of {}", index, size));
    }
    return index < 0 ? index + size : index;
}

Shape gatheredShape(const Shape& src, const Shape& indices, std::size_t axis)
{
    Shape shape(src.begin(), src.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), indices.begin(), indices.end());
    shape.insert(shape.end(), src.begin() + static_cast<std::ptrdiff_t>(axis) + 1, src.end());
    return shape;
}

std::vector<ValueInfo> inferGather(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    const auto axis = static_cast<std::size_t>(normalizedAxis(c.node.integer("axis", 0), src.shape.size()));
    return {{src.type, gatheredShape(src.shape, c.inputs[1].shape, axis)}};
}

/// dst[outer, indices…, inner] = src[outer, index, inner].
Outputs evaluateGather(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 0), src.size()));
    const auto indices = core::integersOf(in[1]);
    TensorBuilder builder(in[0].type(), gatheredShape(src, in[1].shape(), axis));
    const auto inner = static_cast<std::size_t>(extent(src, axis + 1, src.size())) * sizeOf(in[0].type());
    std::byte* to = builder.data();
    for (std::int64_t o = 0; o < extent(src, 0, axis); ++o) {
        for (const std::int64_t index : indices) {
            const std::int64_t at = o * src[axis] + position(node, index, src[axis]);
            if (inner > 0) {
                std::memcpy(to, in[0].data() + static_cast<std::size_t>(at) * inner, inner);
                to += inner;
            }
        }
    }
    return {std::move(builder).finish()};
}

std::vector<ValueInfo> inferGatherElements(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    if (src.shape.size() != c.inputs[1].shape.size()) {
        fail(c.node,
             fmt::format("indices {} and src {} differ in rank", toString(c.inputs[1].shape),
                         toString(src.shape)));
    }
    return {{src.type, c.inputs[1].shape}};
}

/// Offsets into a tensor of `shape` of every position of `indices`, with the index in place of the coordinate
/// of `axis`.
std::vector<std::size_t> elementOffsets(const Node& node, const Shape& shape, const Tensor& indices,
                                        std::size_t axis)
{
    const Shape strides = rowMajorStrides(shape);
    const Shape own = rowMajorStrides(indices.shape());
    std::vector<std::size_t> offsets;
    std::int64_t i = 0;
    for (const std::int64_t index : core::integersOf(indices)) {
        std::int64_t offset = position(node, index, shape[axis]) * strides[axis];
        for (std::size_t a = 0; a < shape.size(); ++a) {
            const std::int64_t coordinate = i / own[a] % indices.shape()[a];
            if (a != axis) {
                offset += position(node, coordinate, shape[a]) * strides[a];
            }
        }
        offsets.push_back(static_cast<std::size_t>(offset));
        ++i;
    }
    return offsets;
}

Outputs evaluateGatherElements(const Node& node, Inputs in)
{
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 0), in[0].rank()));
    const auto offsets = elementOffsets(node, in[0].shape(), in[1], axis);
    TensorBuilder builder(in[0].type(), in[1].shape());
    visitSize(in[0].type(), [&]<typename U>(std::type_identity<U>) {
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            bitsOf<U>(builder)[i] = bitsOf<U>(in[0])[offsets[i]];
        }
    });
    return {std::move(builder).finish()};
}

/// GatherND and ScatterND: the last axis of `indices` is a position in the leading axes of src (behind the
/// batch axes); what follows is copied as a whole.
struct NdSizes
{
    std::size_t batchRank = 0;
    std::size_t depth = 0; ///< coordinates per position
    std::int64_t positions = 0; ///< all batches together
    std::int64_t inner = 1; ///< elements per position
    Shape shape; ///< of what is gathered
};

NdSizes ndSizes(const Node& node, const Shape& src, const Shape& indices)
{
    NdSizes s;
    s.batchRank = static_cast<std::size_t>(std::max<std::int64_t>(0, node.integer("batch_dims", 0)));
    if (src.empty() || indices.size() <= s.batchRank || indices.back() < 1
        || s.batchRank + static_cast<std::size_t>(indices.back()) > src.size()
        || !std::equal(src.begin(), src.begin() + static_cast<std::ptrdiff_t>(s.batchRank),
                       indices.begin())) {
        fail(node, fmt::format("indices {} do not address src {}", toString(indices), toString(src)));
    }
    s.depth = static_cast<std::size_t>(indices.back());
    s.positions = extent(indices, 0, indices.size() - 1);
    s.inner = extent(src, s.batchRank + s.depth, src.size());
    s.shape.assign(indices.begin(), indices.end() - 1);
    s.shape.insert(s.shape.end(), src.begin() + static_cast<std::ptrdiff_t>(s.batchRank + s.depth),
                   src.end());
    return s;
}

/// Where each position begins in src.
std::vector<std::int64_t> ndOffsets(const Node& node, const NdSizes& s, const Shape& src,
                                    const Tensor& indices)
{
    const Shape strides = rowMajorStrides(src);
    const auto values = core::integersOf(indices);
    const std::int64_t batches = extent(src, 0, s.batchRank);
    const std::int64_t perBatch = batches > 0 ? s.positions / batches : 0;
    const std::int64_t batchSize = extent(src, s.batchRank, src.size());
    std::vector<std::int64_t> offsets;
    for (std::int64_t p = 0; p < s.positions; ++p) {
        std::int64_t offset = p / perBatch * batchSize;
        for (std::size_t k = 0; k < s.depth; ++k) {
            const std::int64_t index = values[static_cast<std::size_t>(p) * s.depth + k];
            offset += position(node, index, src[s.batchRank + k]) * strides[s.batchRank + k];
        }
        offsets.push_back(offset);
    }
    return offsets;
}

std::vector<ValueInfo> inferGatherNd(const InferContext& c)
{
    requireInputs(c, 2);
    return {{c.inputs[0].type, ndSizes(c.node, c.inputs[0].shape, c.inputs[1].shape).shape}};
}

Outputs evaluateGatherNd(const Node& node, Inputs in)
{
    const NdSizes s = ndSizes(node, in[0].shape(), in[1].shape());
    TensorBuilder builder(in[0].type(), s.shape);
    const auto bytes = static_cast<std::size_t>(s.inner) * sizeOf(in[0].type());
    std::byte* to = builder.data();
    for (const std::int64_t offset : ndOffsets(node, s, in[0].shape(), in[1])) {
        if (bytes > 0) {
            std::memcpy(to, in[0].data() + static_cast<std::size_t>(offset) * sizeOf(in[0].type()), bytes);
            to += bytes;
        }
    }
    return {std::move(builder).finish()};
}

/// dst[to[i]] is replaced by src[i], or combined with it.
Tensor scattered(const Node& node, const Tensor& onto, const std::vector<std::size_t>& to,
                 const Tensor& updates)
{
    const std::string how = node.text("reduction", "none");
    TensorBuilder builder(onto.type(), onto.shape());
    if (onto.byteCount() > 0) {
        std::memcpy(builder.data(), onto.data(), onto.byteCount());
    }
    if (how == "none") {
        visitSize(onto.type(), [&]<typename U>(std::type_identity<U>) {
            for (std::size_t i = 0; i < to.size(); ++i) {
                bitsOf<U>(builder)[to[i]] = bitsOf<U>(updates)[i];
            }
        });
        return std::move(builder).finish();
    }
    visitNumber(onto.type(), [&]<typename T>(std::type_identity<T>) {
        const auto dst = builder.as<T>();
        for (std::size_t i = 0; i < to.size(); ++i) {
            const auto a = widened(dst[to[i]]);
            const auto b = widened(updates.as<T>()[i]);
            dst[to[i]] = narrowed<T>(how == "add"       ? a + b
                                         : how == "mul" ? a * b
                                         : how == "max" ? std::max(a, b)
                                                        : std::min(a, b));
        }
    });
    return std::move(builder).finish();
}

std::vector<ValueInfo> inferScatter(const InferContext& c)
{
    requireInputs(c, 3);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    const Shape expected =
        c.node.type == "ScatterND" ? ndSizes(c.node, src.shape, c.inputs[1].shape).shape : c.inputs[1].shape;
    if (c.inputs[2].shape != expected || c.inputs[2].type != src.type) {
        fail(c.node,
             fmt::format("updates are {} {}, expected {} {}", nameOf(c.inputs[2].type),
                         toString(c.inputs[2].shape), nameOf(src.type), toString(expected)));
    }
    return {src};
}

Outputs evaluateScatterElements(const Node& node, Inputs in)
{
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 0), in[0].rank()));
    return {scattered(node, in[0], elementOffsets(node, in[0].shape(), in[1], axis), in[2])};
}

Outputs evaluateScatterNd(const Node& node, Inputs in)
{
    const NdSizes s = ndSizes(node, in[0].shape(), in[1].shape());
    std::vector<std::size_t> to;
    for (const std::int64_t offset : ndOffsets(node, s, in[0].shape(), in[1])) {
        for (std::int64_t i = 0; i < s.inner; ++i) {
            to.push_back(static_cast<std::size_t>(offset + i));
        }
    }
    return {scattered(node, in[0], to, in[2])};
}

std::size_t cacheAxis(const Node& node, const Shape& cache, const Shape& update)
{
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", -2), cache.size()));
    Shape expected = cache;
    if (axis > 0 && update.size() == cache.size()) {
        expected[axis] = update[axis];
    }
    if (axis == 0 || update != expected || update[axis] > cache[axis]) {
        fail(node,
             fmt::format("update {} does not fit cache {} along axis {}", toString(update), toString(cache),
                         axis));
    }
    return axis;
}

std::vector<ValueInfo> inferTensorScatter(const InferContext& c)
{
    requireInputs(c, 2);
    cacheAxis(c.node, inputOfRank(c, 0, 2).shape, c.inputs[1].shape);
    requireType(c, 1, c.inputs[0].type);
    if (hasInput(c, 2) && c.inputs[2].shape != Shape{c.inputs[0].shape[0]}) {
        fail(c.node,
             fmt::format("write_indices {} are not one for each of cache {}", toString(c.inputs[2].shape),
                         toString(c.inputs[0].shape)));
    }
    return {c.inputs[0]};
}

/// A key or value cache whose positions from write_indices[sample] on are replaced by the update.
Outputs evaluateTensorScatter(const Node& node, Inputs in)
{
    const Shape& cache = in[0].shape();
    const Shape& update = in[1].shape();
    const std::size_t axis = cacheAxis(node, cache, update);
    const bool isCircular = node.text("mode", "linear") == "circular";
    const auto first = hasInput(in, 2) ? core::integersOf(in[2])
                                       : std::vector<std::int64_t>(static_cast<std::size_t>(cache[0]), 0);
    TensorBuilder builder(in[0].type(), cache);
    std::memcpy(builder.data(), in[0].data(), in[0].byteCount());
    const auto inner = static_cast<std::size_t>(extent(cache, axis + 1, cache.size())) * sizeOf(in[0].type());
    const std::int64_t outer = extent(cache, 0, axis);
    for (std::int64_t o = 0; o < outer; ++o) {
        for (std::int64_t s = 0; s < update[axis]; ++s) {
            const std::int64_t start = first[static_cast<std::size_t>(o / (outer / cache[0]))];
            if (start < 0 || (!isCircular && start > cache[axis] - update[axis])) {
                fail(node,
                     fmt::format("update {} does not fit cache {} from position {} on", toString(update),
                                 toString(cache), start));
            }
            const std::int64_t at = (start % cache[axis] + s) % cache[axis];
            if (inner > 0) {
                std::memcpy(builder.data() + static_cast<std::size_t>(o * cache[axis] + at) * inner,
                            in[1].data() + static_cast<std::size_t>(o * update[axis] + s) * inner, inner);
            }
        }
    }
    return {std::move(builder).finish()};
}

constexpr OperatorDefinition kGatheringOperators[] = {
    {"", "Gather", 1, inferGather, evaluateGather},
    {"", "GatherElements", 11, inferGatherElements, evaluateGatherElements},
    {"", "GatherND", 11, inferGatherNd, evaluateGatherNd},
    {"", "Scatter", 9, inferScatter, evaluateScatterElements},
    {"", "ScatterElements", 11, inferScatter, evaluateScatterElements},
    {"", "ScatterND", 11, inferScatter, evaluateScatterNd},
    {"", "TensorScatter", 24, inferTensorScatter, evaluateTensorScatter},
};

} // namespace

std::span<const OperatorDefinition> gatheringOperators() { return kGatheringOperators; }

} // namespace core::ops
