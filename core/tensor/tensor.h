#pragma once

#include "core/tensor/data_type.h"
#include "core/tensor/shape.h"

#include <cassert>
#include <cstddef>
#include <memory>
#include <span>

namespace core {

/// How the elements of a tensor of rank >= 3 lie in memory. The shape is always ONNX's (N, C, spatial…).
enum class Layout : std::uint8_t
{
    RowMajor, ///< as ONNX writes it: N, C, spatial…
    ChannelsLast, ///< N, spatial…, C (oneDNN: nwc, nhwc, ndhwc)
};

/// Shape + element type + shared constant bytes, 64-byte aligned. A value: copies share the bytes.
/// It carries no scale: QuantizationParams stand beside it.
class Tensor
{
public:
    Tensor() = default;

    /// Takes bytes as they are; they must hold sizeOf(type)·elementCount(shape).
    Tensor(DataType type, Shape shape, std::shared_ptr<const std::byte[]> bytes,
           Layout layout = Layout::RowMajor);

    [[nodiscard]] bool isEmpty() const { return m_count == 0; }
    [[nodiscard]] bool isDefined() const { return m_type != DataType::Undefined; }
    [[nodiscard]] DataType type() const { return m_type; }
    [[nodiscard]] Layout layout() const { return m_layout; }
    [[nodiscard]] const Shape& shape() const { return m_shape; }
    [[nodiscard]] std::size_t rank() const { return m_shape.size(); }
    [[nodiscard]] std::int64_t count() const { return m_count; }
    [[nodiscard]] std::size_t byteCount() const { return static_cast<std::size_t>(m_count) * sizeOf(m_type); }
    [[nodiscard]] const std::byte* data() const { return m_bytes.get(); }
    [[nodiscard]] const std::shared_ptr<const std::byte[]>& bytes() const { return m_bytes; }

    template <typename T>
    [[nodiscard]] std::span<const T> as() const
    {
        assert(m_type == dataTypeOf<T>());
        return {reinterpret_cast<const T*>(m_bytes.get()), static_cast<std::size_t>(m_count)};
    }

    /// The same bytes under another shape of equal count (row-major only, or where both orders coincide).
    [[nodiscard]] Tensor reshaped(Shape shape, Layout layout = Layout::RowMajor) const;

private:
    DataType m_type = DataType::Undefined;
    Layout m_layout = Layout::RowMajor;
    Shape m_shape;
    std::int64_t m_count = 0;
    std::shared_ptr<const std::byte[]> m_bytes;
};

/// A tensor while it is being filled; finish() makes it constant. The bytes come from the buffer pool,
/// uninitialized.
class TensorBuilder
{
public:
    TensorBuilder(DataType type, Shape shape, Layout layout = Layout::RowMajor);
    /// Takes the bytes of a tensor over, with what is in them, if nothing else shares them and they are as
    /// many as needed; otherwise new ones. The tensor stays readable either way.
    TensorBuilder(DataType type, Shape shape, Layout layout, const Tensor& over);

    template <typename T>
    [[nodiscard]] std::span<T> as()
    {
        assert(m_type == dataTypeOf<T>());
        return {reinterpret_cast<T*>(m_bytes.get()), static_cast<std::size_t>(m_count)};
    }
    [[nodiscard]] std::byte* data() { return m_bytes.get(); }
    [[nodiscard]] std::int64_t count() const { return m_count; }
    [[nodiscard]] std::size_t byteCount() const { return static_cast<std::size_t>(m_count) * sizeOf(m_type); }
    [[nodiscard]] Tensor finish() &&;

private:
    DataType m_type;
    Layout m_layout;
    Shape m_shape;
    std::int64_t m_count;
    std::shared_ptr<std::byte[]> m_bytes;
};

template <typename T>
[[nodiscard]] Tensor makeTensor(Shape shape, std::span<const T> values, Layout layout = Layout::RowMajor)
{
    TensorBuilder builder(dataTypeOf<T>(), std::move(shape), layout);
    assert(builder.count() == static_cast<std::int64_t>(values.size()));
    auto dst = builder.as<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        dst[i] = values[i];
    }
    return std::move(builder).finish();
}

/// The same values in another layout. Returns the tensor itself if the layout is right, or rank < 3,
/// or the two orders coincide (one channel, or one spatial position).
[[nodiscard]] Tensor toLayout(const Tensor& tensor, Layout layout);

/// Element-wise conversion between numeric types as ONNX Cast does it (float → int truncates toward zero).
[[nodiscard]] Tensor castTo(const Tensor& tensor, DataType type);

/// Values of an integer tensor (any integer type or bool) as int64.
[[nodiscard]] std::vector<std::int64_t> integersOf(const Tensor& tensor);
/// Values of a numeric tensor as double.
[[nodiscard]] std::vector<double> doublesOf(const Tensor& tensor);

} // namespace core
