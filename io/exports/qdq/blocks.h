#pragma once

#include "core/tensor/shape.h"

#include <cstddef>
#include <cstdint>

namespace io {

/// Where ONNX's blocked quantization keeps the scale of an element: in a tensor like the one quantized, but
/// with one entry for every `size` along `axis` (the last block may be short).
class BlockLayout
{
public:
    BlockLayout(const core::Shape& shape, std::size_t axis, std::int64_t size)
        : m_shape(shape)
        , m_length(shape[axis])
        , m_size(size)
    {
        m_shape[axis] = (m_length + size - 1) / size;
        m_blocks = m_shape[axis];
        for (std::size_t k = axis + 1; k < shape.size(); ++k) {
            m_inner *= shape[k];
        }
    }

    [[nodiscard]] const core::Shape& shape() const { return m_shape; } ///< of the scales
    /// Position of the scale of element i, both row-major.
    [[nodiscard]] std::size_t blockOf(std::size_t i) const
    {
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t block = at / m_inner % m_length / m_size;
        return static_cast<std::size_t>((at / m_inner / m_length * m_blocks + block) * m_inner
                                        + at % m_inner);
    }

private:
    core::Shape m_shape;
    std::int64_t m_length;
    std::int64_t m_size;
    std::int64_t m_blocks = 0;
    std::int64_t m_inner = 1;
};

} // namespace io
