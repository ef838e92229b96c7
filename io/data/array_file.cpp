#include "io/data/array_file.h"

#include "core/base/error.h"

#include <cassert>
#include <fmt/format.h>

namespace io {

using core::Error;
using core::ErrorKind;

ArrayFile::ArrayFile(std::string name, core::DataType type, core::Shape shape)
    : m_name(std::move(name))
    , m_type(type)
    , m_shape(std::move(shape))
{
    if (m_shape.empty()) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{}: a scalar; the first axis must count samples", m_name));
    }
}

core::Tensor ArrayFile::read(std::int64_t first, std::int64_t count) const
{
    assert(first >= 0 && count >= 0 && first + count <= items());
    core::Shape slice = m_shape;
    slice.front() = count;
    const std::int64_t elements = core::elementCount(slice);
    if (elements > kMostSliceBytes / static_cast<std::int64_t>(core::sizeOf(m_type))) {
        throw Error(ErrorKind::OutOfBudget,
                    fmt::format("{}: reading {} at once would take more than {} bytes", m_name,
                                core::toString(slice), kMostSliceBytes));
    }
    core::TensorBuilder builder(m_type, std::move(slice));
    if (elements > 0) {
        readInto(first, count, builder.data());
    }
    return std::move(builder).finish();
}

} // namespace io
