#include "core/graph/ops/strided.h"

#include "core/base/error.h"
#include "core/graph/ops/element_types.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace core::ops {

namespace {

template <typename U>
void copyStrided(const U* src, const Shape& shape, const Shape& strides, U* dst)
{
    const std::size_t rank = shape.size();
    const std::int64_t inner = shape[rank - 1];
    const std::int64_t step = strides[rank - 1];
    const std::int64_t rows = elementCount(shape) / inner;
    Shape index(rank, 0);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t i = 0; i < inner; ++i) {
            dst[i] = src[i * step];
        }
        dst += inner;
        for (std::size_t axis = rank - 1; axis-- > 0;) {
            src += strides[axis];
            if (++index[axis] < shape[axis]) {
                break;
            }
            src -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}

} // namespace

Tensor stridedCopy(const Tensor& src, Shape shape, const Shape& strides, std::int64_t offset)
{
    TensorBuilder builder(src.type(), shape);
    if (builder.count() > 0) {
        visitSize(src.type(), [&]<typename U>(std::type_identity<U>) {
            const U* first = bitsOf<U>(src).data() + offset;
            if (shape.empty()) {
                bitsOf<U>(builder)[0] = *first;
            } else {
                copyStrided(first, shape, strides, bitsOf<U>(builder).data());
            }
        });
    }
    return std::move(builder).finish();
}

Tensor broadcastTo(const Tensor& src, const Shape& shape)
{
    if (src.shape() == shape) {
        return src;
    }
    if (broadcastShapes(src.shape(), shape) != shape) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("shape {} does not broadcast to {}", toString(src.shape()), toString(shape)));
    }
    const Shape own = rowMajorStrides(src.shape());
    Shape strides(shape.size(), 0);
    for (std::size_t i = 0; i < own.size(); ++i) {
        const std::size_t axis = shape.size() - own.size() + i;
        strides[axis] = src.shape()[i] == 1 ? 0 : own[i];
    }
    return stridedCopy(src, shape, strides);
}

Tensor transposed(const Tensor& src, const std::vector<std::int64_t>& permutation)
{
    const Shape own = rowMajorStrides(src.shape());
    Shape shape;
    Shape strides;
    for (const std::int64_t axis : permutation) {
        shape.push_back(src.shape()[static_cast<std::size_t>(axis)]);
        strides.push_back(own[static_cast<std::size_t>(axis)]);
    }
    return stridedCopy(src, shape, strides);
}

Tensor filled(const Tensor& element, Shape shape)
{
    const Shape strides(shape.size(), 0);
    return stridedCopy(element, std::move(shape), strides);
}

Tensor zeros(DataType type, Shape shape)
{
    TensorBuilder builder(type, std::move(shape));
    if (builder.byteCount() > 0) {
        std::memset(builder.data(), 0, builder.byteCount());
    }
    return std::move(builder).finish();
}

std::int64_t extent(const Shape& shape, std::size_t first, std::size_t last)
{
    std::int64_t count = 1;
    for (std::size_t i = first; i < last; ++i) {
        count *= shape[i];
    }
    return count;
}

} // namespace core::ops
