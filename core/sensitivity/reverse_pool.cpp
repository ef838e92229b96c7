#include "core/graph/operator_traits.h"
#include "core/sensitivity/reverse_parts.h"

#include "core/network/window_shapes.h"
#include "kernels/float/pooling.h"

#include <algorithm>
#include <array>

namespace core {

namespace {

/// Calls visit(first element under the tap, first element of the window's result) for every pair of a pool,
/// channels last.
template <typename Visit>
void visitPool(const kernels::PoolingShape& s, const Visit& visit)
{
    const auto count = [](const kernels::PoolingShape::Sizes& sizes) {
        return sizes[0] * sizes[1] * sizes[2];
    };
    const auto placeOf = [](std::int64_t index, const kernels::PoolingShape::Sizes& sizes) {
        return kernels::PoolingShape::Sizes{index / (sizes[1] * sizes[2]), index / sizes[2] % sizes[1],
                                            index % sizes[2]};
    };
    const auto rank = static_cast<std::size_t>(s.spatialRank);
    // Of every array the first `rank` entries count; unused ones are 1 (0 for padding), so all three may.
    for (std::int64_t batch = 0; batch < s.batch; ++batch) {
        for (std::int64_t i = 0; i < count(s.dst); ++i) {
            const auto at = placeOf(i, s.dst);
            for (std::int64_t k = 0; k < count(s.kernel); ++k) {
                const auto tap = placeOf(k, s.kernel);
                std::int64_t from = batch;
                bool isInside = true;
                for (std::size_t axis = 0; axis < std::max<std::size_t>(rank, 3); ++axis) {
                    const std::int64_t x =
                        at[axis] * s.stride[axis] + tap[axis] * s.dilation[axis] - s.padBegin[axis];
                    isInside = isInside && x >= 0 && x < s.src[axis];
                    from = from * s.src[axis] + x;
                }
                if (isInside) {
                    visit(static_cast<std::size_t>(from * s.channels),
                          static_cast<std::size_t>((batch * count(s.dst) + i) * s.channels));
                }
            }
        }
    }
}

/// How many positions count in each average: by element of dst, equal in all channels.
std::vector<float> divisors(const kernels::PoolingShape& shape, kernels::PaddingCount padding)
{
    // What the pool itself makes of ones is the share of the window that is not padding.
    std::vector<float> result(static_cast<std::size_t>(shape.dstCount()), 0.0f);
    visitPool(shape, [&](std::size_t, std::size_t to) { result[to] += 1.0f; });
    if (padding == kernels::PaddingCount::Include) {
        std::vector<float> ones(static_cast<std::size_t>(shape.srcCount()), 1.0f);
        std::vector<float> mean(result.size());
        kernels::averagePool(shape, padding, ones, mean);
        for (std::size_t i = 0; i < result.size(); i += static_cast<std::size_t>(shape.channels)) {
            result[i] = mean[i] > 0.0f ? result[i] / mean[i] : 0.0f;
        }
    }
    return result;
}

ReverseRule averageRule(const kernels::PoolingShape& shape, const Shape& src, kernels::PaddingCount padding)
{
    return [shape, src, count = divisors(shape, padding)](const ReversePoint& at, const Tensor& gradient) {
        TensorBuilder builder(DataType::Float32, src, kernelLayout(src));
        const auto dst = builder.as<float>();
        std::ranges::fill(dst, 0.0f);
        const auto g = gradient.as<float>();
        visitPool(shape, [&](std::size_t from, std::size_t to) {
            const float share = 1.0f / count[to];
            for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
                dst[from + c] += g[to + c] * share;
            }
        });
        std::vector<Tensor> result(at.inputs.size());
        result[0] = std::move(builder).finish();
        return result;
    };
}

ReverseRule maximumRule(const kernels::PoolingShape& shape, const Shape& src)
{
    return [shape, src](const ReversePoint& at, const Tensor& gradient) {
        const Tensor inputs = inKernelLayout(at.inputs[0]);
        const auto x = inputs.as<float>();
        const auto g = gradient.as<float>();
        const auto channels = static_cast<std::size_t>(shape.channels);
        std::vector<float> largest(g.size());
        kernels::maxPool(shape, x, largest); // at.output may be rounded
        std::vector<float> equals(g.size(), 0.0f);
        visitPool(shape, [&](std::size_t from, std::size_t to) {
            for (std::size_t c = 0; c < channels; ++c) {
                equals[to + c] += x[from + c] == largest[to + c] ? 1.0f : 0.0f;
            }
        });
        TensorBuilder builder(DataType::Float32, src, kernelLayout(src));
        const auto dst = builder.as<float>();
        std::ranges::fill(dst, 0.0f);
        visitPool(shape, [&](std::size_t from, std::size_t to) {
            for (std::size_t c = 0; c < channels; ++c) {
                dst[from + c] += x[from + c] == largest[to + c] ? g[to + c] / equals[to + c] : 0.0f;
            }
        });
        std::vector<Tensor> result(at.inputs.size());
        result[0] = std::move(builder).finish();
        return result;
    };
}

} // namespace

std::optional<ReverseRule> reverseOfPool(const OperatorGraph& graph, const Operator& op)
{
    const PoolForm pool = traitsOf(op.type).pool;
    if (pool == PoolForm::None) {
        return std::nullopt;
    }
    const Shape& src = graph.value(op.inputs[0]).shape;
    if (src.size() < 3 || src.size() > 5 || op.activation != kernels::Activation{}) {
        return std::nullopt;
    }
    const kernels::PoolingShape shape = poolingShapeOf(graph, op);
    const auto padding = op.node.integer("count_include_pad", 0) ? kernels::PaddingCount::Include
                                                                 : kernels::PaddingCount::Exclude;
    return pool == PoolForm::Average ? averageRule(shape, src, padding) : maximumRule(shape, src);
}

} // namespace core
