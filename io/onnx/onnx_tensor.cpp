#include "io/onnx/onnx_tensor.h"

#include "core/base/error.h"
#include "io/files/input_files.h"

#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <onnx/onnx_pb.h>

namespace io {

using core::DataType;
using core::Error;
using core::ErrorKind;

core::DataType dataTypeOfProto(std::int32_t type, const std::string& what)
{
    switch (type) {
    case onnx::TensorProto::FLOAT:
        return DataType::Float32;
    case onnx::TensorProto::DOUBLE:
        return DataType::Float64;
    case onnx::TensorProto::FLOAT16:
        return DataType::Float16;
    case onnx::TensorProto::BFLOAT16:
        return DataType::BFloat16;
    case onnx::TensorProto::INT8:
        return DataType::Int8;
    case onnx::TensorProto::UINT8:
        return DataType::UInt8;
    case onnx::TensorProto::INT16:
        return DataType::Int16;
    case onnx::TensorProto::UINT16:
        return DataType::UInt16;
    case onnx::TensorProto::INT32:
        return DataType::Int32;
    case onnx::TensorProto::UINT32:
        return DataType::UInt32;
    case onnx::TensorProto::INT64:
        return DataType::Int64;
    case onnx::TensorProto::UINT64:
        return DataType::UInt64;
    case onnx::TensorProto::BOOL:
        return DataType::Bool;
    case kProtoUInt4:
        return DataType::UInt8;
    case kProtoInt4:
        return DataType::Int8;
    default:
        break;
    }
    std::string name = onnx::TensorProto::DataType_IsValid(type)
        ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type))
        : std::to_string(type);
    throw Error(ErrorKind::UnsupportedOperator,
                fmt::format("{} has element type {}, which is not supported", what, name));
}

namespace {

[[noreturn]] void fail(const std::string& what, const std::string& reason)
{
    throw Error(ErrorKind::FileFormat, what + ": " + reason);
}

core::Shape shapeOfProto(const onnx::TensorProto& proto, const std::string& what)
{
    core::Shape shape(proto.dims().begin(), proto.dims().end());
    for (const std::int64_t dimension : shape) {
        if (dimension < 0) {
            fail(what, "a dimension is negative");
        }
    }
    static_cast<void>(core::elementCount(shape));
    return shape;
}

std::uint64_t numberOf(const std::string& text, const std::string& what)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        fail(what, fmt::format("offset or length '{}' of its external data is no number", text));
    }
    return number;
}

struct ExternalData
{
    std::filesystem::path file;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// The file must lie inside the model's folder, also after symbolic links are followed.
std::filesystem::path fileInside(const std::filesystem::path& folder, const std::string& location,
                                 const std::string& what)
{
    const std::filesystem::path relative(location);
    bool leaves = location.empty() || relative.is_absolute() || location.find('\0') != std::string::npos;
    for (const auto& part : relative) {
        leaves = leaves || part == "..";
    }
    if (leaves || folder.empty()) {
        fail(what, fmt::format("external data '{}' lies outside the model's folder", location));
    }
    std::error_code error;
    const auto root = std::filesystem::canonical(folder, error);
    const auto file = error ? std::filesystem::path{} : std::filesystem::canonical(root / relative, error);
    if (error || !std::filesystem::is_regular_file(file, error)) {
        throw Error(ErrorKind::Io, fmt::format("{}: external data '{}' is not there", what, location));
    }
    const auto [end, unused] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    if (end != root.end()) {
        fail(what, fmt::format("external data '{}' leads outside the model's folder", location));
    }
    return file;
}

ExternalData externalData(const onnx::TensorProto& proto, const std::filesystem::path& folder,
                          std::uint64_t expected, const std::string& what)
{
    ExternalData data;
    data.bytes = expected;
    for (const auto& entry : proto.external_data()) {
        if (entry.key() == "location") {
            data.file = fileInside(folder, entry.value(), what);
        } else if (entry.key() == "offset") {
            data.offset = numberOf(entry.value(), what);
        } else if (entry.key() == "length") {
            data.bytes = numberOf(entry.value(), what);
        }
    }
    if (data.file.empty()) {
        fail(what, "its external data has no location");
    }
    if (data.bytes != expected) {
        fail(what, fmt::format("external data of {} bytes, shape and type need {}", data.bytes, expected));
    }
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(data.file, error);
    if (error || data.offset > size || size - data.offset < expected) {
        fail(what, fmt::format("external data '{}' is too short", data.file.filename().string()));
    }
    return data;
}

core::Tensor readExternal(const ExternalData& data, DataType type, core::Shape shape, const std::string& what)
{
    core::TensorBuilder builder(type, std::move(shape));
    noteInput(data.file);
    std::ifstream in(data.file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(data.offset));
    in.read(reinterpret_cast<char*>(builder.data()), static_cast<std::streamsize>(data.bytes));
    if (!in) {
        throw Error(
            ErrorKind::Io,
            fmt::format("{}: reading external data '{}' failed", what, data.file.filename().string()));
    }
    return std::move(builder).finish();
}

/// Elements kept one by one in a repeated field, narrowed to the element type.
template <typename T, typename Field>
core::Tensor typed(const Field& field, core::Shape shape, const std::string& what)
{
    if (field.size() != core::elementCount(shape)) {
        fail(what, fmt::format("{} elements for shape {}", field.size(), core::toString(shape)));
    }
    core::TensorBuilder builder(core::dataTypeOf<T>(), std::move(shape));
    const auto dst = builder.as<T>();
    for (int i = 0; i < field.size(); ++i) {
        dst[static_cast<std::size_t>(i)] = static_cast<T>(field.Get(i));
    }
    return std::move(builder).finish();
}

core::Tensor typedTensor(const onnx::TensorProto& proto, DataType type, const core::Shape& shape,
                         const std::string& what)
{
    switch (type) {
    case DataType::Float32:
        return typed<float>(proto.float_data(), shape, what);
    case DataType::Float64:
        return typed<double>(proto.double_data(), shape, what);
    case DataType::Int64:
        return typed<std::int64_t>(proto.int64_data(), shape, what);
    case DataType::UInt64:
        return typed<std::uint64_t>(proto.uint64_data(), shape, what);
    case DataType::UInt32:
        return typed<std::uint32_t>(proto.uint64_data(), shape, what);
    case DataType::Int32:
        return typed<std::int32_t>(proto.int32_data(), shape, what);
    case DataType::Int16:
        return typed<std::int16_t>(proto.int32_data(), shape, what);
    case DataType::UInt16:
        return typed<std::uint16_t>(proto.int32_data(), shape, what);
    case DataType::Int8:
        return typed<std::int8_t>(proto.int32_data(), shape, what);
    case DataType::UInt8:
        return typed<std::uint8_t>(proto.int32_data(), shape, what);
    case DataType::Bool:
        return typed<bool>(proto.int32_data(), shape, what);
    case DataType::Float16:
        return typed<core::Float16>(proto.int32_data(), shape, what);
    case DataType::BFloat16:
        return typed<core::BFloat16>(proto.int32_data(), shape, what);
    case DataType::Undefined:
        break;
    }
    fail(what, "has no element type");
}

/// A bool in a file may be any byte; in memory it is 0 or 1.
core::Tensor rawTensor(const char* bytes, DataType type, core::Shape shape)
{
    core::TensorBuilder builder(type, std::move(shape));
    if (builder.byteCount() > 0) {
        std::memcpy(builder.data(), bytes, builder.byteCount());
    }
    if (type == DataType::Bool) {
        for (std::size_t i = 0; i < builder.byteCount(); ++i) {
            builder.data()[i] = std::byte{builder.data()[i] != std::byte{0}};
        }
    }
    return std::move(builder).finish();
}

/// Codes of 4 bits, two per byte, the first in the low half; a field of integers holds one such byte each.
core::Tensor unpacked(const onnx::TensorProto& proto, const std::filesystem::path& folder,
                      const core::Shape& shape, const std::string& what)
{
    const auto count = static_cast<std::size_t>(core::elementCount(shape));
    const std::int64_t bytes = static_cast<std::int64_t>(count / 2 + count % 2);
    core::Tensor packed;
    if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
        packed = readExternal(externalData(proto, folder, static_cast<std::uint64_t>(bytes), what),
                              DataType::UInt8, {bytes}, what);
    } else if (proto.has_raw_data()) {
        if (std::ssize(proto.raw_data()) != bytes) {
            fail(what,
                 fmt::format("{} bytes for shape {} of 4 bits", proto.raw_data().size(),
                             core::toString(shape)));
        }
        packed = rawTensor(proto.raw_data().data(), DataType::UInt8, {bytes});
    } else {
        packed = typed<std::uint8_t>(proto.int32_data(), {bytes}, what);
    }
    const bool isSigned = proto.data_type() == kProtoInt4;
    core::TensorBuilder builder(isSigned ? DataType::Int8 : DataType::UInt8, shape);
    for (std::size_t i = 0; i < count; ++i) {
        const int half = packed.as<std::uint8_t>()[i / 2] >> (i % 2 == 0 ? 0 : 4) & 0xf;
        builder.data()[i] = static_cast<std::byte>(isSigned && half > 7 ? half - 16 : half);
    }
    return std::move(builder).finish();
}

} // namespace

double externalBytesOf(const onnx::TensorProto& proto)
{
    if (proto.data_location() != onnx::TensorProto::EXTERNAL) {
        return 0.0;
    }
    double bytes = static_cast<double>(
        core::sizeOf(dataTypeOfProto(proto.data_type(), fmt::format("tensor '{}'", proto.name()))));
    for (const std::int64_t dimension : proto.dims()) {
        bytes *= static_cast<double>(dimension);
    }
    return bytes;
}

core::Tensor tensorOfProto(const onnx::TensorProto& proto, const std::filesystem::path& folder)
{
    const std::string what = fmt::format("tensor '{}'", proto.name());
    const DataType type = dataTypeOfProto(proto.data_type(), what);
    core::Shape shape = shapeOfProto(proto, what);
    const std::uint64_t bytes = static_cast<std::uint64_t>(core::elementCount(shape)) * core::sizeOf(type);
    if (proto.has_segment()) {
        fail(what, "tensors in segments are not supported");
    }
    if (proto.data_type() == kProtoUInt4 || proto.data_type() == kProtoInt4) {
        return unpacked(proto, folder, shape, what);
    }
    if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
        const core::Tensor read = readExternal(externalData(proto, folder, bytes, what), type, shape, what);
        return type == DataType::Bool ? rawTensor(reinterpret_cast<const char*>(read.data()), type, shape)
                                      : read;
    }
    if (proto.has_raw_data()) {
        if (proto.raw_data().size() != bytes) {
            fail(what,
                 fmt::format("{} bytes for shape {} of {}", proto.raw_data().size(), core::toString(shape),
                             core::nameOf(type)));
        }
        return rawTensor(proto.raw_data().data(), type, std::move(shape));
    }
    return typedTensor(proto, type, shape, what);
}

} // namespace io
