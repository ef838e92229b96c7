#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/hdf5/image.h"
#include "io/files/hdf5/structure.h"
#include "io/files/hdf5_lock.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <hdf5.h>

namespace io {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30; // of one object; a packed one may claim anything

constexpr std::size_t kMostAttributeBytes = std::size_t{1} << 20;

[[noreturn]] void refuse(std::string_view path, std::string_view what)
{
    throw core::Error(core::ErrorKind::FileFormat, fmt::format("'{}' {}", path, what));
}

Hdf5Handle handle(std::int64_t id, std::string_view path)
{
    if (id < 0) {
        refuse(path, "is missing or damaged");
    }
    return Hdf5Handle(id);
}

/// Paths that must not be opened.
std::set<std::string> lookedOver(std::string_view bytes, bool isDamaged)
{
    if (isDamaged) {
        return damagedHdf5Objects(bytes);
    }
    checkHdf5Structure(bytes);
    return {};
}

/// libhdf5 follows what it reads: the structure was looked over by now.
Hdf5Handle openImage(std::string_view bytes)
{
    const auto lock = lockHdf5();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_core(access.get(), std::size_t{1} << 20, 0);
    std::string copy(bytes); // HDF5 asks for a writable buffer and copies it
    if (H5Pset_file_image(access.get(), copy.data(), copy.size()) < 0) {
        refuse("/", "is no HDF5 file");
    }
    return handle(H5Fopen("memory.nfs", H5F_ACC_RDONLY, access.get()), "/");
}

/// Shape of a dataset whose elements of `size` bytes fit into the budget.
core::Shape shapeOf(const Hdf5Handle& dataset, std::size_t size, const std::string& path)
{
    const Hdf5Handle space = handle(H5Dget_space(dataset.get()), path);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || H5Sget_simple_extent_type(space.get()) == H5S_NULL) {
        refuse(path, "has no extent");
    }
    std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr);
    std::size_t bytes = size;
    for (const hsize_t n : extent) {
        if (n > kMostBytes || (n > 0 && bytes > kMostBytes / n)) {
            refuse(path, "is larger than a gibibyte");
        }
        bytes *= n;
    }
    return {extent.begin(), extent.end()};
}

/// How many bytes of a dataset one stored byte can stand for: 1, or what deflate packs at best.
std::size_t largestRatio(const Hdf5Handle& dataset, std::size_t elementSize, const std::string& path)
{
    constexpr std::size_t kDeflate = 1032;
    const Hdf5Handle creation = handle(H5Dget_create_plist(dataset.get()), path);
    if (H5Pget_external_count(creation.get()) != 0) {
        refuse(path, "lies in another file");
    }
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    if (layout == H5D_COMPACT || layout == H5D_CONTIGUOUS) {
        return 1;
    }
    if (layout != H5D_CHUNKED) {
        refuse(path, "is stored in a way that sessions do not use");
    }
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    std::size_t bytes = elementSize;
    for (int i = 0; i < rank; ++i) {
        if (chunk[static_cast<std::size_t>(i)] == 0
            || bytes > kMostBytes / chunk[static_cast<std::size_t>(i)]) {
            refuse(path, "has chunks larger than a gibibyte");
        }
        bytes *= chunk[static_cast<std::size_t>(i)];
    }
    const int filters = H5Pget_nfilters(creation.get());
    if (rank < 0 || filters < 0) {
        refuse(path, "is damaged");
    }
    std::size_t ratio = 1;
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0;
        std::size_t values = 0;
        const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values,
                                                   nullptr, 0, nullptr, nullptr);
        const bool isNew = filter == H5Z_FILTER_DEFLATE && ratio == 1;
        if (filter != H5Z_FILTER_SHUFFLE && !isNew) {
            refuse(path, "is packed in a way that sessions do not use");
        }
        ratio = isNew ? kDeflate : ratio;
    }
    return ratio;
}

/// Null-padded text of a fixed length.
std::string unpadded(const char* data, std::size_t size) { return {data, strnlen(data, size)}; }

/// A type as sessions write it. HDF5's own conversions are never used: they trust offsets and sizes in the
/// file.
bool isExactly(hid_t stored, hid_t wanted) { return H5Tequal(stored, wanted) > 0; }

std::size_t textSize(hid_t type, std::string_view path)
{
    const std::size_t size = H5Tget_size(type);
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || size == 0 || size > kMostBytes) {
        refuse(path, "is no text of a fixed length");
    }
    return size;
}

Hdf5Handle openAttribute(hid_t file, const std::string& path, const std::string& name)
{
    return handle(H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                  path + "@" + name);
}

template <typename T>
T numberAttribute(hid_t file, const std::string& path, const std::string& name, hid_t type)
{
    const Hdf5Handle attribute = openAttribute(file, path, name);
    const Hdf5Handle stored = handle(H5Aget_type(attribute.get()), name);
    const Hdf5Handle space = handle(H5Aget_space(attribute.get()), name);
    T value{};
    if (!isExactly(stored.get(), type) || H5Sget_simple_extent_npoints(space.get()) != 1
        || H5Aread(attribute.get(), type, &value) < 0) {
        refuse(path + "@" + name, "is of another type");
    }
    return value;
}

template <typename T>
std::vector<T> readArray(const Hdf5Handle& dataset, const std::string& path, hid_t type,
                         const core::Shape& shape)
{
    const Hdf5Handle stored = handle(H5Dget_type(dataset.get()), path);
    if (!isExactly(stored.get(), type)) {
        refuse(path, "is of another type");
    }
    std::vector<T> values(static_cast<std::size_t>(core::elementCount(shape)));
    if (!values.empty() && H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
        refuse(path, "cannot be read: the file is damaged");
    }
    return values;
}

template <typename T>
std::vector<T> column(const std::vector<char>& raw, std::size_t rowSize, std::size_t offset)
{
    std::vector<T> values(raw.size() / rowSize);
    for (std::size_t r = 0; r < values.size(); ++r) {
        std::memcpy(&values[r], raw.data() + r * rowSize + offset, sizeof(T));
    }
    return values;
}

/// One column of rows as they lie in the file.
Table::Column columnOf(const std::vector<char>& raw, hid_t rowType, unsigned index, const std::string& path)
{
    char* const text = H5Tget_member_name(rowType, index);
    const std::string name = text ? text : "";
    H5free_memory(text);
    const Hdf5Handle member = handle(H5Tget_member_type(rowType, index), path);
    const std::size_t rowSize = H5Tget_size(rowType);
    const std::size_t offset = H5Tget_member_offset(rowType, index);
    const std::size_t size = H5Tget_size(member.get());
    if (size > rowSize || offset > rowSize - size) {
        refuse(path, fmt::format("is damaged: column '{}' lies outside its rows", name));
    }
    if (isExactly(member.get(), H5T_NATIVE_DOUBLE)) {
        return {name, {}, column<double>(raw, rowSize, offset)};
    }
    if (isExactly(member.get(), H5T_NATIVE_INT64)) {
        return {name, {}, column<std::int64_t>(raw, rowSize, offset)};
    }
    const std::size_t length = textSize(member.get(), path);
    Table::Texts values;
    for (std::size_t at = offset; at < raw.size(); at += rowSize) {
        values.push_back(unpadded(raw.data() + at, length));
    }
    return {name, {}, std::move(values)};
}

} // namespace

Hdf5Reader::Hdf5Reader(std::string_view bytes, Content content)
    : m_content(content)
    , m_damaged(lookedOver(bytes, content == Content::Damaged))
    , m_file(openImage(bytes))
{
}

void Hdf5Reader::refuseDamaged(const std::string& path) const
{
    for (std::size_t at = path.find('/', 1); !m_damaged.empty(); at = path.find('/', at + 1)) {
        if (m_damaged.contains(path.substr(0, at))) {
            refuse(path, "is damaged");
        }
        if (at == std::string::npos) {
            break;
        }
    }
}

void Hdf5Reader::checkData(const std::string& path, std::string_view data) const
{
    if (m_content == Content::Damaged && sha256(data) != textAttribute(path, "sha256")) {
        refuse(path, "is damaged: its checksum does not match");
    }
}

Hdf5Handle Hdf5Reader::openDataset(const std::string& path, std::size_t size, core::Shape& shape) const
{
    constexpr std::uint64_t kMostTogether = std::uint64_t{2} << 30;
    refuseDamaged(path);
    Hdf5Handle dataset = handle(H5Dopen2(m_file.get(), path.c_str(), H5P_DEFAULT), path);
    const Hdf5Handle stored = handle(H5Dget_type(dataset.get()), path);
    const std::size_t storedSize = H5Tget_size(stored.get());
    shape = shapeOf(dataset, std::max(size, storedSize), path);
    const auto count = static_cast<std::uint64_t>(core::elementCount(shape));
    const std::uint64_t bytes = count * std::max(size, storedSize);
    const std::size_t ratio = largestRatio(dataset, storedSize, path);
    if (count > 0 && H5Dget_storage_size(dataset.get()) < count * storedSize / ratio) {
        refuse(path, "claims more than is stored of it");
    }
    m_bytes += bytes;
    if (m_bytes > kMostTogether) {
        refuse(path, "and what was read before it take more than two gibibytes");
    }
    return dataset;
}

bool Hdf5Reader::has(const std::string& path) const
{
    const auto lock = lockHdf5();
    refuseDamaged(path);
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        if (H5Lexists(m_file.get(), path.substr(0, at).c_str(), H5P_DEFAULT) <= 0) {
            return false;
        }
        if (at == std::string::npos) {
            return true;
        }
    }
}

std::vector<std::string> Hdf5Reader::names(const std::string& path) const
{
    const auto lock = lockHdf5();
    refuseDamaged(path);
    const Hdf5Handle group = handle(H5Gopen2(m_file.get(), path.c_str(), H5P_DEFAULT), path);
    std::vector<std::string> names;
    const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* all) -> herr_t {
        static_cast<std::vector<std::string>*>(all)->emplace_back(name);
        return 0;
    };
    if (H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names) < 0) {
        refuse(path, "cannot be listed: the file is damaged");
    }
    return names;
}

std::string Hdf5Reader::textAttribute(const std::string& path, const std::string& name) const
{
    const auto lock = lockHdf5();
    refuseDamaged(path);
    const Hdf5Handle attribute = openAttribute(m_file.get(), path, name);
    const Hdf5Handle type = handle(H5Aget_type(attribute.get()), name);
    const Hdf5Handle space = handle(H5Aget_space(attribute.get()), name);
    const std::size_t size = textSize(type.get(), path + "@" + name);
    if (size > kMostAttributeBytes || H5Sget_simple_extent_npoints(space.get()) != 1) {
        refuse(path + "@" + name, "is not one text");
    }
    std::vector<char> buffer(size);
    if (H5Aread(attribute.get(), type.get(), buffer.data()) < 0) {
        refuse(path + "@" + name, "cannot be read");
    }
    return unpadded(buffer.data(), size);
}

std::int64_t Hdf5Reader::integerAttribute(const std::string& path, const std::string& name) const
{
    const auto lock = lockHdf5();
    refuseDamaged(path);
    return numberAttribute<std::int64_t>(m_file.get(), path, name, H5T_NATIVE_INT64);
}

double Hdf5Reader::realAttribute(const std::string& path, const std::string& name) const
{
    const auto lock = lockHdf5();
    refuseDamaged(path);
    return numberAttribute<double>(m_file.get(), path, name, H5T_NATIVE_DOUBLE);
}

std::string Hdf5Reader::text(const std::string& path) const
{
    const auto lock = lockHdf5();
    core::Shape shape;
    const Hdf5Handle dataset = openDataset(path, 0, shape);
    const Hdf5Handle type = handle(H5Dget_type(dataset.get()), path);
    const std::size_t size = textSize(type.get(), path);
    if (core::elementCount(shape) != 1) {
        refuse(path, "is not one text");
    }
    std::vector<char> buffer(size);
    if (H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer.data()) < 0) {
        refuse(path, "cannot be read: the file is damaged");
    }
    checkData(path, {buffer.data(), buffer.size()});
    return unpadded(buffer.data(), size);
}

Table Hdf5Reader::table(const std::string& path) const
{
    const auto lock = lockHdf5();
    core::Shape shape;
    const Hdf5Handle dataset = openDataset(path, 0, shape);
    const Hdf5Handle type = handle(H5Dget_type(dataset.get()), path);
    if (H5Tget_class(type.get()) != H5T_COMPOUND || shape.size() != 1) {
        refuse(path, "is no table");
    }
    std::vector<char> raw(static_cast<std::size_t>(shape[0]) * H5Tget_size(type.get()));
    if (!raw.empty() && H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) < 0) {
        refuse(path, "cannot be read: the file is damaged");
    }
    checkData(path, {raw.data(), raw.size()});
    Table table;
    const int members = H5Tget_nmembers(type.get());
    for (int i = 0; i < members; ++i) {
        table.add(columnOf(raw, type.get(), static_cast<unsigned>(i), path));
    }
    return table;
}

std::vector<std::uint64_t> Hdf5Reader::counts(const std::string& path, core::Shape& shape) const
{
    const auto lock = lockHdf5();
    const Hdf5Handle dataset = openDataset(path, sizeof(std::uint64_t), shape);
    auto values = readArray<std::uint64_t>(dataset, path, H5T_NATIVE_UINT64, shape);
    checkData(path, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])});
    return values;
}

std::vector<float> Hdf5Reader::floats(const std::string& path, core::Shape& shape) const
{
    const auto lock = lockHdf5();
    const Hdf5Handle dataset = openDataset(path, sizeof(float), shape);
    auto values = readArray<float>(dataset, path, H5T_NATIVE_FLOAT, shape);
    checkData(path, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])});
    return values;
}

} // namespace io
