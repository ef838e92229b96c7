#include "io/reports/npy_writer.h"

#include "core/base/error.h"

#include <bit>
#include <fmt/format.h>

namespace io {

namespace {

static_assert(std::endian::native == std::endian::little);

std::string_view typeCode(core::DataType type)
{
    using enum core::DataType;
    switch (type) {
    case Float32:
        return "<f4";
    case Float64:
        return "<f8";
    case Float16:
        return "<f2";
    case Int8:
        return "|i1";
    case UInt8:
        return "|u1";
    case Int16:
        return "<i2";
    case UInt16:
        return "<u2";
    case Int32:
        return "<i4";
    case UInt32:
        return "<u4";
    case Int64:
        return "<i8";
    case UInt64:
        return "<u8";
    case Bool:
        return "|b1";
    default:
        throw core::Error(core::ErrorKind::Usage, fmt::format("NumPy has no type {}", core::nameOf(type)));
    }
}

} // namespace

std::string tensorToNpy(const core::Tensor& tensor)
{
    const core::Tensor rows = core::toLayout(tensor, core::Layout::RowMajor);
    std::string shape;
    for (const std::int64_t n : rows.shape()) {
        shape += fmt::format("{}, ", n);
    }
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     typeCode(rows.type()), shape);
    constexpr std::size_t kPreamble = 10; // magic, version, length
    constexpr std::size_t kAlignment = 64;
    const std::size_t unpadded = kPreamble + header.size() + 1;
    header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 0xff);
    bytes += static_cast<char>(header.size() >> 8);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(rows.data()), rows.byteCount());
    return bytes;
}

} // namespace io
