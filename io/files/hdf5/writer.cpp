#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/hdf5/checksum.h"
#include "io/files/hdf5/image.h"
#include "io/files/hdf5_lock.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <hdf5.h>

namespace io {

namespace {

/// Links and attributes lie in the header of their object, where checkHdf5Structure() looks them over,
/// however many.
constexpr unsigned kMostCompact = 65535;
constexpr std::size_t kMostAttributeBytes = 60000; // of the 65535 of a message, its name and type aside
constexpr std::size_t kPackFrom = std::size_t{64} << 10;

std::int64_t checked(std::int64_t id, std::string_view path)
{
    if (id < 0) {
        throw core::Error(core::ErrorKind::Io, fmt::format("HDF5 cannot make '{}'", path));
    }
    return id;
}

Hdf5Handle handle(std::int64_t id, std::string_view path) { return Hdf5Handle(checked(id, path)); }

Hdf5Handle emptyFile()
{
    const auto lock = lockHdf5();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // errors are told by us, not printed
    constexpr std::size_t kGrowth = std::size_t{1} << 20;
    const Hdf5Handle access = handle(H5Pcreate(H5P_FILE_ACCESS), "/");
    H5Pset_fapl_core(access.get(), kGrowth, /*backing_store=*/0);
    // From this version on all that describes objects has checksums: libhdf5 sees damage before it follows
    // it.
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
    const Hdf5Handle creation = handle(H5Pcreate(H5P_FILE_CREATE), "/");
    H5Pset_link_phase_change(creation.get(), kMostCompact, 0);
    H5Pset_attr_phase_change(creation.get(), kMostCompact, 0);
    return handle(H5Fcreate("memory.nfs", H5F_ACC_TRUNC, creation.get(), access.get()), "/");
}

/// An image has the mark "open for writing" taken out of its superblock, but not (1.10.8) of the checksum
/// behind it.
void renewChecksum(std::string& image)
{
    constexpr std::size_t kChecksumAt = 44; // of superblock version 3
    const std::uint32_t sum = hdf5Checksum(std::string_view(image).substr(0, kChecksumAt));
    for (std::size_t i = 0; i < sizeof(sum); ++i) {
        image.at(kChecksumAt + i) = static_cast<char>(sum >> (8 * i));
    }
}

Hdf5Handle textType(std::size_t length)
{
    Hdf5Handle type = handle(H5Tcopy(H5T_C_S1), "text");
    H5Tset_size(type.get(), std::max<std::size_t>(length, 1));
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

void makeGroup(hid_t file, const std::string& path)
{
    const Hdf5Handle creation = handle(H5Pcreate(H5P_GROUP_CREATE), path);
    H5Pset_link_phase_change(creation.get(), kMostCompact, 0);
    H5Pset_attr_phase_change(creation.get(), kMostCompact, 0);
    const Hdf5Handle group =
        handle(H5Gcreate2(file, path.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), path);
}

/// Groups above a path that are missing.
void makeParents(hid_t file, const std::string& path)
{
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
        const std::string parent = path.substr(0, at);
        if (H5Lexists(file, parent.c_str(), H5P_DEFAULT) <= 0) {
            makeGroup(file, parent);
        }
    }
}

void writeAttribute(hid_t file, const std::string& path, const std::string& name, hid_t type,
                    const void* value)
{
    // A longer one would lie outside the header.
    if (H5Tget_size(type) > kMostAttributeBytes) {
        throw core::Error(core::ErrorKind::Io,
                          fmt::format("'{}@{}' is longer than {} bytes", path, name, kMostAttributeBytes));
    }
    const Hdf5Handle space = handle(H5Screate(H5S_SCALAR), name);
    const Hdf5Handle attribute = handle(H5Acreate_by_name(file, path.c_str(), name.c_str(), type, space.get(),
                                                          H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                        path + "@" + name);
    checked(H5Awrite(attribute.get(), type, value), name);
}

void writeDataset(hid_t file, const std::string& path, hid_t type, const std::vector<hsize_t>& extent,
                  bool packed, const void* data)
{
    const Hdf5Handle space =
        handle(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), path);
    makeParents(file, path);
    const Hdf5Handle creation = handle(H5Pcreate(H5P_DATASET_CREATE), path);
    H5Pset_attr_phase_change(creation.get(), kMostCompact, 0);
    const auto isEmpty = std::ranges::find(extent, hsize_t{0}) != extent.end();
    if (packed && !isEmpty) {
        std::vector<hsize_t> chunk = extent;
        chunk.front() = 1; // a row is what a reader takes
        H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
        H5Pset_shuffle(creation.get());
        H5Pset_deflate(creation.get(), 1);
    }
    const Hdf5Handle dataset = handle(
        H5Dcreate2(file, path.c_str(), type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), path);
    std::size_t bytes = H5Tget_size(type);
    for (const hsize_t n : extent) {
        bytes *= n;
    }
    if (!isEmpty) {
        checked(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), path);
    }
    const std::string sum =
        sha256(isEmpty ? std::string_view() : std::string_view(static_cast<const char*>(data), bytes));
    writeAttribute(file, path, "sha256", textType(sum.size()).get(), sum.c_str());
}

template <typename T>
void writeArray(hid_t file, const std::string& path, hid_t type, std::span<const T> values,
                const core::Shape& shape, bool packed)
{
    writeDataset(file, path, type, std::vector<hsize_t>(shape.begin(), shape.end()),
                 packed && values.size_bytes() >= kPackFrom, values.data());
}

/// Where a column lies in a row, and how it is stored.
struct Member
{
    const Table::Column* column;
    std::size_t place;
    std::size_t size;
};

std::vector<Member> membersOf(const Table& table)
{
    std::vector<Member> members;
    std::size_t place = 0;
    for (const Table::Column& column : table.columns()) {
        std::size_t size = 8;
        if (const auto* texts = std::get_if<Table::Texts>(&column.values)) {
            size = 1;
            for (const std::string& text : *texts) {
                size = std::max(size, text.size());
            }
        }
        members.push_back({&column, place, size});
        place += size;
    }
    return members;
}

void copyColumn(const Member& member, std::size_t rowSize, std::vector<char>& rows)
{
    std::visit(
        [&]<typename Values>(const Values& values) {
            for (std::size_t r = 0; r < values.size(); ++r) {
                char* const to = rows.data() + r * rowSize + member.place;
                if constexpr (std::is_same_v<Values, Table::Texts>) {
                    std::memcpy(to, values[r].data(), values[r].size());
                } else {
                    std::memcpy(to, &values[r], sizeof(values[r]));
                }
            }
        },
        member.column->values);
}

hid_t elementType(core::DataType type)
{
    using enum core::DataType;
    switch (type) {
    case Float32:
        return H5T_NATIVE_FLOAT;
    case Float64:
        return H5T_NATIVE_DOUBLE;
    case Int8:
        return H5T_NATIVE_INT8;
    case UInt8:
    case Bool:
        return H5T_NATIVE_UINT8;
    case Int16:
        return H5T_NATIVE_INT16;
    case UInt16:
        return H5T_NATIVE_UINT16;
    case Int32:
        return H5T_NATIVE_INT32;
    case UInt32:
        return H5T_NATIVE_UINT32;
    case Int64:
        return H5T_NATIVE_INT64;
    case UInt64:
        return H5T_NATIVE_UINT64;
    default:
        throw core::Error(core::ErrorKind::Usage, fmt::format("HDF5 has no type {}", core::nameOf(type)));
    }
}

hid_t numberType(const Table::Column& column)
{
    return std::holds_alternative<Table::Reals>(column.values) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
}

} // namespace

Hdf5Writer::Hdf5Writer()
    : m_file(emptyFile())
{
}

void Hdf5Writer::group(const std::string& path)
{
    const auto lock = lockHdf5();
    makeParents(m_file.get(), path);
    makeGroup(m_file.get(), path);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, std::string_view text)
{
    const auto lock = lockHdf5();
    const Hdf5Handle type = textType(text.size());
    const std::string value(text);
    writeAttribute(m_file.get(), path, name, type.get(), value.c_str());
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, std::int64_t number)
{
    const auto lock = lockHdf5();
    writeAttribute(m_file.get(), path, name, H5T_NATIVE_INT64, &number);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name, double number)
{
    const auto lock = lockHdf5();
    writeAttribute(m_file.get(), path, name, H5T_NATIVE_DOUBLE, &number);
}

void Hdf5Writer::text(const std::string& path, std::string_view text)
{
    const auto lock = lockHdf5();
    const Hdf5Handle type = textType(text.size());
    const std::string value(text);
    writeDataset(m_file.get(), path, type.get(), {1}, false, value.c_str());
}

void Hdf5Writer::table(const std::string& path, const Table& table)
{
    const auto lock = lockHdf5();
    const std::vector<Member> members = membersOf(table);
    const std::size_t rowSize = members.empty() ? 1 : members.back().place + members.back().size;
    const Hdf5Handle type = handle(H5Tcreate(H5T_COMPOUND, rowSize), path);
    std::vector<char> rows(table.rows() * rowSize, '\0');
    for (const Member& member : members) {
        const auto values = std::visit([](const auto& v) { return v.size(); }, member.column->values);
        if (values != table.rows()) {
            throw core::Error(core::ErrorKind::Io,
                              fmt::format("column '{}' of '{}' has {} of {} rows", member.column->name, path,
                                          values, table.rows()));
        }
        const bool isText = std::holds_alternative<Table::Texts>(member.column->values);
        const Hdf5Handle text = textType(member.size);
        checked(H5Tinsert(type.get(), member.column->name.c_str(), member.place,
                          isText ? text.get() : numberType(*member.column)),
                path);
        copyColumn(member, rowSize, rows);
    }
    writeDataset(m_file.get(), path, type.get(), {table.rows()}, false, rows.data());
    for (const Member& member : members) {
        if (!member.column->unit.empty()) {
            attribute(path, "unit:" + member.column->name, member.column->unit);
        }
    }
}

void Hdf5Writer::array(const std::string& path, std::span<const std::uint64_t> values,
                       const core::Shape& shape, bool packed)
{
    const auto lock = lockHdf5();
    writeArray(m_file.get(), path, H5T_NATIVE_UINT64, values, shape, packed);
}

void Hdf5Writer::array(const std::string& path, std::span<const float> values, const core::Shape& shape,
                       bool packed)
{
    const auto lock = lockHdf5();
    writeArray(m_file.get(), path, H5T_NATIVE_FLOAT, values, shape, packed);
}

void Hdf5Writer::tensor(const std::string& path, const core::Tensor& tensor)
{
    const auto lock = lockHdf5();
    std::vector<hsize_t> extent(tensor.shape().begin(), tensor.shape().end());
    if (extent.empty()) {
        extent.push_back(1); // a scalar
    }
    writeDataset(m_file.get(), path, elementType(tensor.type()), extent, false, tensor.data());
}

std::string Hdf5Writer::finish() &&
{
    const auto lock = lockHdf5();
    checked(H5Fflush(m_file.get(), H5F_SCOPE_GLOBAL), "/");
    const ssize_t size = H5Fget_file_image(m_file.get(), nullptr, 0);
    checked(size, "/");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    checked(H5Fget_file_image(m_file.get(), bytes.data(), bytes.size()), "/");
    renewChecksum(bytes);
    return bytes;
}

} // namespace io
