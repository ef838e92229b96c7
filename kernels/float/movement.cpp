#include "kernels/float/movement.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

namespace kernels {
namespace {

/// Bytes from one index to the next of each axis, row-major.
std::vector<std::int64_t> stridesOf(std::span<const std::int64_t> shape, std::size_t elementSize)
{
    std::vector<std::int64_t> strides(shape.size());
    auto stride = static_cast<std::int64_t>(elementSize);
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = stride;
        stride *= shape[i];
    }
    return strides;
}

template <std::size_t kSize>
void copyStrided(const std::byte* src, std::int64_t stride, std::int64_t count, std::byte* dst)
{
    for (std::int64_t i = 0; i < count; ++i) {
        std::memcpy(dst + i * static_cast<std::int64_t>(kSize), src + i * stride, kSize);
    }
}

/// count elements, `stride` bytes apart, to dense memory.
void gather(const std::byte* src, std::int64_t stride, std::int64_t count, std::size_t elementSize,
            std::byte* dst)
{
    if (stride == static_cast<std::int64_t>(elementSize)) {
        std::memcpy(dst, src, static_cast<std::size_t>(count) * elementSize);
        return;
    }
    switch (elementSize) {
    case 1:
        return copyStrided<1>(src, stride, count, dst);
    case 2:
        return copyStrided<2>(src, stride, count, dst);
    case 4:
        return copyStrided<4>(src, stride, count, dst);
    case 8:
        return copyStrided<8>(src, stride, count, dst);
    default:
        for (std::int64_t i = 0; i < count; ++i) {
            std::memcpy(dst + i * static_cast<std::int64_t>(elementSize), src + i * stride, elementSize);
        }
    }
}

/// Calls visit(index) for every index of the leading axes of a shape, in row-major order.
template <typename Visit>
void forEachIndex(std::span<const std::int64_t> shape, Visit visit)
{
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) {
        return;
    }
    std::vector<std::int64_t> index(shape.size(), 0);
    for (;;) {
        visit(std::span<const std::int64_t>(index));
        std::size_t axis = shape.size();
        while (axis > 0 && ++index[axis - 1] == shape[axis - 1]) {
            index[--axis] = 0;
        }
        if (axis == 0) {
            return;
        }
    }
}

} // namespace

void transpose(std::span<const std::byte> src, std::span<const std::int64_t> shape,
               std::span<const int> permutation, std::size_t elementSize, std::span<std::byte> dst)
{
    assert(shape.size() == permutation.size() && src.size() == dst.size());
    const auto srcStrides = stridesOf(shape, elementSize);
    std::vector<std::int64_t> dstShape;
    std::vector<std::int64_t> strides;
    for (const int axis : permutation) {
        dstShape.push_back(shape[static_cast<std::size_t>(axis)]);
        strides.push_back(srcStrides[static_cast<std::size_t>(axis)]);
    }
    if (dstShape.empty() || src.empty()) {
        std::copy(src.begin(), src.end(), dst.begin());
        return;
    }
    const auto inner = dstShape.back();
    std::byte* out = dst.data();
    forEachIndex(std::span(dstShape).first(dstShape.size() - 1), [&](std::span<const std::int64_t> index) {
        std::int64_t offset = 0;
        for (std::size_t i = 0; i < index.size(); ++i) {
            offset += index[i] * strides[i];
        }
        gather(src.data() + offset, strides.back(), inner, elementSize, out);
        out += inner * static_cast<std::int64_t>(elementSize);
    });
}

void concatenate(std::span<const ConcatenationSource> sources, std::span<std::byte> dst)
{
    std::size_t rowBytes = 0;
    for (const auto& source : sources) {
        rowBytes += source.rowBytes;
    }
    const std::size_t rows = rowBytes == 0 ? 0 : dst.size() / rowBytes;
    std::byte* out = dst.data();
    for (std::size_t row = 0; row < rows; ++row) {
        for (const auto& source : sources) {
            std::memcpy(out, source.bytes.data() + row * source.rowBytes, source.rowBytes);
            out += source.rowBytes;
        }
    }
}

void padConstant(std::span<const std::byte> src, std::span<const std::int64_t> shape,
                 std::span<const std::int64_t> padBegin, std::span<const std::int64_t> padEnd,
                 std::span<const std::byte> element, std::span<std::byte> dst)
{
    const std::size_t size = element.size();
    for (std::size_t i = 0; i < dst.size(); i += size) {
        std::memcpy(dst.data() + i, element.data(), size);
    }
    std::vector<std::int64_t> dstShape;
    std::vector<std::int64_t> first; // the part of src that stays, per axis
    std::vector<std::int64_t> kept;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        dstShape.push_back(shape[i] + padBegin[i] + padEnd[i]);
        first.push_back(std::max<std::int64_t>(0, -padBegin[i]));
        kept.push_back(
            std::max<std::int64_t>(0, shape[i] - first[i] - std::max<std::int64_t>(0, -padEnd[i])));
    }
    if (shape.empty() || kept.back() == 0) {
        std::copy(src.begin(), src.begin() + static_cast<std::ptrdiff_t>(shape.empty() ? size : 0),
                  dst.begin());
        return;
    }
    const auto srcStrides = stridesOf(shape, size);
    const auto dstStrides = stridesOf(dstShape, size);
    const auto last = shape.size() - 1;
    forEachIndex(std::span(kept).first(last), [&](std::span<const std::int64_t> index) {
        auto from = first[last] * srcStrides[last];
        auto to = std::max<std::int64_t>(0, padBegin[last]) * dstStrides[last];
        for (std::size_t i = 0; i < last; ++i) {
            from += (index[i] + first[i]) * srcStrides[i];
            to += (index[i] + std::max<std::int64_t>(0, padBegin[i])) * dstStrides[i];
        }
        std::memcpy(dst.data() + to, src.data() + from, static_cast<std::size_t>(kept[last]) * size);
    });
}

void resizeNearest(const ResizeShape& shape, const std::array<std::span<const std::int64_t>, 3>& index,
                   std::size_t elementSize, std::span<const std::byte> src, std::span<std::byte> dst)
{
    const auto pixel = static_cast<std::size_t>(shape.channels) * elementSize;
    std::byte* out = dst.data();
    for (std::int64_t n = 0; n < shape.batch; ++n) {
        for (const auto i : index[0]) {
            for (const auto j : index[1]) {
                const auto line = ((n * shape.src[0] + i) * shape.src[1] + j) * shape.src[2];
                for (const auto k : index[2]) {
                    std::memcpy(out, src.data() + static_cast<std::size_t>(line + k) * pixel, pixel);
                    out += pixel;
                }
            }
        }
    }
}

void resizeLinear(const ResizeShape& shape, const std::array<std::span<const LinearTap>, 3>& taps,
                  std::span<const float> src, std::span<float> dst)
{
    float* out = dst.data();
    const auto channels = shape.channels;
    for (std::int64_t n = 0; n < shape.batch; ++n) {
        for (const auto& a : taps[0]) {
            for (const auto& b : taps[1]) {
                for (const auto& c : taps[2]) {
                    std::fill_n(out, channels, 0.0f);
                    for (int corner = 0; corner < 8; ++corner) {
                        const bool upper0 = (corner & 4) != 0;
                        const bool upper1 = (corner & 2) != 0;
                        const bool upper2 = (corner & 1) != 0;
                        const float weight = (upper0 ? a.weight : 1.0f - a.weight)
                            * (upper1 ? b.weight : 1.0f - b.weight) * (upper2 ? c.weight : 1.0f - c.weight);
                        if (weight == 0.0f) {
                            continue;
                        }
                        const auto i = upper0 ? a.upper : a.lower;
                        const auto j = upper1 ? b.upper : b.lower;
                        const auto k = upper2 ? c.upper : c.lower;
                        const float* in = src.data()
                            + (((n * shape.src[0] + i) * shape.src[1] + j) * shape.src[2] + k) * channels;
                        for (std::int64_t ch = 0; ch < channels; ++ch) {
                            out[ch] += weight * in[ch];
                        }
                    }
                    out += channels;
                }
            }
        }
    }
}

} // namespace kernels
