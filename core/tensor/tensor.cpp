#include "core/tensor/tensor.h"

#include "core/base/error.h"
#include "core/tensor/buffer_pool.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>

namespace core {

namespace {

/// Calls f with a null pointer of the element's C++ type.
template <typename F>
decltype(auto) dispatch(DataType type, F&& f)
{
    switch (type) {
    case DataType::Float32:
        return f(static_cast<float*>(nullptr));
    case DataType::Float64:
        return f(static_cast<double*>(nullptr));
    case DataType::Float16:
        return f(static_cast<Float16*>(nullptr));
    case DataType::BFloat16:
        return f(static_cast<BFloat16*>(nullptr));
    case DataType::Int8:
        return f(static_cast<std::int8_t*>(nullptr));
    case DataType::UInt8:
        return f(static_cast<std::uint8_t*>(nullptr));
    case DataType::Int16:
        return f(static_cast<std::int16_t*>(nullptr));
    case DataType::UInt16:
        return f(static_cast<std::uint16_t*>(nullptr));
    case DataType::Int32:
        return f(static_cast<std::int32_t*>(nullptr));
    case DataType::UInt32:
        return f(static_cast<std::uint32_t*>(nullptr));
    case DataType::Int64:
        return f(static_cast<std::int64_t*>(nullptr));
    case DataType::UInt64:
        return f(static_cast<std::uint64_t*>(nullptr));
    case DataType::Bool:
        return f(static_cast<bool*>(nullptr));
    case DataType::Undefined:
        break;
    }
    throw Error(ErrorKind::InvalidModel, "a tensor has no element type");
}

template <typename T>
constexpr bool isHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

template <typename T>
auto widened(T value)
{
    if constexpr (isHalf<T>) {
        return toFloat(value);
    } else {
        return value;
    }
}

/// Float to integer truncates toward zero; out-of-range values wrap through int64, as C conversions on x86
/// do.
template <typename To, typename From>
To converted(From value)
{
    const auto wide = widened(value);
    if constexpr (std::is_same_v<To, Float16>) {
        return toFloat16(static_cast<float>(wide));
    } else if constexpr (std::is_same_v<To, BFloat16>) {
        return toBFloat16(static_cast<float>(wide));
    } else if constexpr (std::is_same_v<To, bool>) {
        return wide != 0;
    } else if constexpr (std::is_floating_point_v<decltype(wide)> && std::is_integral_v<To>) {
        if (!(wide > -9.2e18 && wide < 9.2e18)) {
            return std::numeric_limits<To>::min();
        }
        return static_cast<To>(static_cast<std::int64_t>(wide));
    } else {
        return static_cast<To>(wide);
    }
}

/// Few planes, as of a picture's channels, interleaved: one pass with a cursor in each plane.
template <std::int64_t Rows, typename T>
void interleave(const T* src, T* dst, std::int64_t columns)
{
    for (std::int64_t c = 0; c < columns; ++c) {
        for (std::int64_t r = 0; r < Rows; ++r) {
            dst[c * Rows + r] = src[r * columns + c];
        }
    }
}

template <typename T>
void transpose(const T* src, T* dst, std::int64_t outer, std::int64_t rows, std::int64_t columns)
{
    // Blocks of 16 columns keep both sides within a few cache lines.
    constexpr std::int64_t kBlock = 16;
    for (std::int64_t n = 0; n < outer; ++n, src += rows * columns, dst += rows * columns) {
        if (rows == 3) {
            interleave<3>(src, dst, columns);
            continue;
        }
        for (std::int64_t c0 = 0; c0 < columns; c0 += kBlock) {
            const std::int64_t c1 = std::min(c0 + kBlock, columns);
            for (std::int64_t r = 0; r < rows; ++r) {
                for (std::int64_t c = c0; c < c1; ++c) {
                    dst[c * rows + r] = src[r * columns + c];
                }
            }
        }
    }
}

} // namespace

Tensor::Tensor(DataType type, Shape shape, std::shared_ptr<const std::byte[]> bytes, Layout layout)
    : m_type(type)
    , m_layout(layout)
    , m_shape(std::move(shape))
    , m_count(elementCount(m_shape))
    , m_bytes(std::move(bytes))
{
}

Tensor Tensor::reshaped(Shape shape, Layout layout) const
{
    if (elementCount(shape) != m_count) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{} elements of shape {} do not fit shape {}", m_count, toString(m_shape),
                                toString(shape)));
    }
    return {m_type, std::move(shape), m_bytes, layout};
}

TensorBuilder::TensorBuilder(DataType type, Shape shape, Layout layout)
    : m_type(type)
    , m_layout(layout)
    , m_shape(std::move(shape))
    , m_count(elementCount(m_shape))
    , m_bytes(allocateBytes(static_cast<std::size_t>(m_count) * sizeOf(type)))
{
}

TensorBuilder::TensorBuilder(DataType type, Shape shape, Layout layout, const Tensor& over)
    : m_type(type)
    , m_layout(layout)
    , m_shape(std::move(shape))
    , m_count(elementCount(m_shape))
{
    if (over.bytes().use_count() == 1 && over.byteCount() == byteCount()) {
        // Whoever let go of the bytes on another thread has finished reading them.
        std::atomic_thread_fence(std::memory_order_acquire);
        m_bytes = std::const_pointer_cast<std::byte[]>(over.bytes());
    } else {
        m_bytes = allocateBytes(byteCount());
    }
}

Tensor TensorBuilder::finish() && { return {m_type, std::move(m_shape), std::move(m_bytes), m_layout}; }

Tensor toLayout(const Tensor& tensor, Layout layout)
{
    if (tensor.layout() == layout || tensor.rank() < 3) {
        return tensor;
    }
    const Shape& shape = tensor.shape();
    const std::int64_t channels = shape[1];
    const std::int64_t spatial = elementCount(std::span(shape).subspan(2));
    if (channels == 1 || spatial == 1 || tensor.count() == 0) {
        return {tensor.type(), shape, tensor.bytes(), layout};
    }
    TensorBuilder builder(tensor.type(), shape, layout);
    const bool toLast = layout == Layout::ChannelsLast;
    const std::int64_t rows = toLast ? channels : spatial;
    const std::int64_t columns = toLast ? spatial : channels;
    const auto run = [&](auto* typed) {
        using T = std::remove_pointer_t<decltype(typed)>;
        transpose(reinterpret_cast<const T*>(tensor.data()), reinterpret_cast<T*>(builder.data()), shape[0],
                  rows, columns);
    };
    switch (sizeOf(tensor.type())) {
    case 1:
        run(static_cast<std::uint8_t*>(nullptr));
        break;
    case 2:
        run(static_cast<std::uint16_t*>(nullptr));
        break;
    case 4:
        run(static_cast<std::uint32_t*>(nullptr));
        break;
    default:
        run(static_cast<std::uint64_t*>(nullptr));
        break;
    }
    return std::move(builder).finish();
}

Tensor castTo(const Tensor& tensor, DataType type)
{
    if (tensor.type() == type) {
        return tensor;
    }
    TensorBuilder builder(type, tensor.shape(), tensor.layout());
    dispatch(tensor.type(), [&](auto* from) {
        dispatch(type, [&](auto* to) {
            using From = std::remove_pointer_t<decltype(from)>;
            using To = std::remove_pointer_t<decltype(to)>;
            const auto src = tensor.as<From>();
            const auto dst = builder.as<To>();
            for (std::size_t i = 0; i < src.size(); ++i) {
                dst[i] = converted<To>(src[i]);
            }
        });
    });
    return std::move(builder).finish();
}

std::vector<std::int64_t> integersOf(const Tensor& tensor)
{
    std::vector<std::int64_t> result;
    result.reserve(static_cast<std::size_t>(tensor.count()));
    dispatch(tensor.type(), [&](auto* typed) {
        for (const auto value : tensor.as<std::remove_pointer_t<decltype(typed)>>()) {
            result.push_back(converted<std::int64_t>(value));
        }
    });
    return result;
}

std::vector<double> doublesOf(const Tensor& tensor)
{
    std::vector<double> result;
    result.reserve(static_cast<std::size_t>(tensor.count()));
    dispatch(tensor.type(), [&](auto* typed) {
        for (const auto value : tensor.as<std::remove_pointer_t<decltype(typed)>>()) {
            result.push_back(static_cast<double>(widened(value)));
        }
    });
    return result;
}

} // namespace core
