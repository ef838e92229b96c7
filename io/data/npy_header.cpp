#include "io/data/npy_header.h"

#include "core/base/error.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace io {

namespace {

using core::DataType;
using core::Error;
using core::ErrorKind;

[[noreturn]] void refuse(const RandomAccessFile& file, std::string_view why)
{
    throw Error(ErrorKind::FileFormat, fmt::format("{}: {}", file.name(), why));
}

/// NumPy's `descr`: byte order, kind, bytes.
DataType typeOf(const RandomAccessFile& file, std::string_view descr)
{
    constexpr std::array<std::pair<std::string_view, DataType>, 12> kTypes{{{"f4", DataType::Float32},
                                                                            {"f8", DataType::Float64},
                                                                            {"f2", DataType::Float16},
                                                                            {"i1", DataType::Int8},
                                                                            {"u1", DataType::UInt8},
                                                                            {"i2", DataType::Int16},
                                                                            {"u2", DataType::UInt16},
                                                                            {"i4", DataType::Int32},
                                                                            {"u4", DataType::UInt32},
                                                                            {"i8", DataType::Int64},
                                                                            {"u8", DataType::UInt64},
                                                                            {"b1", DataType::Bool}}};
    if (!descr.empty() && descr.front() == '>') {
        refuse(file, fmt::format("big-endian elements ('{}'); save little-endian ones", descr));
    }
    const std::string_view plain = descr.substr(descr.find_first_not_of("<|=") == 1 ? 1 : 0);
    for (const auto& [text, type] : kTypes) {
        if (plain == text) {
            return type;
        }
    }
    refuse(file, fmt::format("elements of type '{}'; numbers of a fixed size are read", descr));
}

/// The text between `'key':` and what ends its value.
std::string_view valueOf(const RandomAccessFile& file, std::string_view header, std::string_view key)
{
    const std::size_t at = header.find(fmt::format("'{}':", key));
    if (at == std::string_view::npos) {
        refuse(file, fmt::format("the .npy header has no '{}'", key));
    }
    std::string_view rest = header.substr(at + key.size() + 3);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const char closing = rest.starts_with('(') ? ')' : rest.starts_with('\'') ? '\'' : ',';
    const std::size_t end = rest.find(closing, 1);
    if (end == std::string_view::npos) {
        refuse(file, fmt::format("the .npy header is damaged at '{}'", key));
    }
    return closing == ',' ? rest.substr(0, end) : rest.substr(1, end - 1);
}

core::Shape shapeOf(const RandomAccessFile& file, std::string_view text)
{
    core::Shape shape;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    while (at != end) {
        if (*at == ' ' || *at == ',') {
            ++at;
            continue;
        }
        std::int64_t dimension = -1;
        const auto [next, error] = std::from_chars(at, end, dimension);
        if (error != std::errc() || dimension < 0 || shape.size() == 32) {
            refuse(file, fmt::format("the .npy header has the shape ({})", text));
        }
        shape.push_back(dimension);
        at = next;
    }
    return shape;
}

} // namespace

NpyHeader readNpyHeader(const RandomAccessFile& file)
{
    std::array<unsigned char, 12> start{};
    if (file.size() < start.size()) {
        refuse(file, "truncated: too short for an .npy array");
    }
    file.read(0, std::as_writable_bytes(std::span(start)));
    if (std::string_view(reinterpret_cast<const char*>(start.data()), 6) != "\x93NUMPY") {
        refuse(file, "not an .npy array");
    }
    // Version 1 counts the header in 2 bytes, later ones in 4.
    const std::uint64_t lengthBytes = start[6] == 1 ? 2 : 4;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < lengthBytes; ++i) {
        length |= std::uint64_t{start[8 + i]} << (8 * i);
    }
    constexpr std::uint64_t kMostHeader = 1 << 20;
    if (start[6] < 1 || start[6] > 3 || length > kMostHeader) {
        refuse(file, fmt::format("an .npy header of version {} and {} bytes", start[6], length));
    }
    std::string text(length, '\0');
    file.read(8 + lengthBytes, std::as_writable_bytes(std::span(text)));

    NpyHeader header;
    header.type = typeOf(file, valueOf(file, text, "descr"));
    header.shape = shapeOf(file, valueOf(file, text, "shape"));
    header.dataOffset = 8 + lengthBytes + length;
    if (header.shape.size() > 1 && valueOf(file, text, "fortran_order").starts_with("True")) {
        refuse(file, "in Fortran order; save numpy.ascontiguousarray of it");
    }
    const std::uint64_t needed =
        static_cast<std::uint64_t>(core::elementCount(header.shape)) * core::sizeOf(header.type);
    if (needed > file.size() - header.dataOffset) {
        refuse(file,
               fmt::format("truncated: the shape {} needs {} bytes, the file has {}",
                           core::toString(header.shape), needed, file.size() - header.dataOffset));
    }
    return header;
}

} // namespace io
