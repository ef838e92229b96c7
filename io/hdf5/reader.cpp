#include "core/error.h"
#include "io/hdf5/image.h"
#include "io/hdf5_lock.h"

#include <cstring>
#include <fmt/format.h>
#include <hdf5.h>

namespace io {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30; // of one object; a packed one may claim anything

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

Hdf5Handle openImage(std::string_view bytes)
{
    const auto lock = lockHdf5();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_core(access.get(), std::size_t{1} << 20, 0);
    std::string copy(bytes); // HDF5 asks for a writable buffer and copies it
    if (bytes.empty() || H5Pset_file_image(access.get(), copy.data(), copy.size()) < 0) {
        refuse("/", "is no HDF5 file");
    }
    return handle(H5Fopen("memory.nfs", H5F_ACC_RDONLY, access.get()), "/");
}

/// Shape of a dataset whose elements of `size` bytes fit into the budget.
core::Shape shapeOf(const Hdf5Handle& dataset, std::size_t size, const std::string& path)
{
    const Hdf5Handle space = handle(H5Dget_space(dataset.get()), path);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0) {
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

Hdf5Handle openDataset(hid_t file, const std::string& path)
{
    return handle(H5Dopen2(file, path.c_str(), H5P_DEFAULT), path);
}

/// Null-padded text of a fixed length.
std::string unpadded(const char* data, std::size_t size) { return {data, strnlen(data, size)}; }

Hdf5Handle fixedTextType(std::size_t size)
{
    Hdf5Handle type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), size);
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

std::size_t textSize(hid_t type, std::string_view path)
{
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || H5Tget_size(type) > kMostBytes) {
        refuse(path, "is no text of a fixed length");
    }
    return H5Tget_size(type);
}

Hdf5Handle openAttribute(hid_t file, const std::string& path, const std::string& name)
{
    return handle(H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                  path + "@" + name);
}

template <typename T>
T numberAttribute(hid_t file, const std::string& path, const std::string& name, hid_t type,
                  H5T_class_t wanted)
{
    const Hdf5Handle attribute = openAttribute(file, path, name);
    const Hdf5Handle stored = handle(H5Aget_type(attribute.get()), name);
    const Hdf5Handle space = handle(H5Aget_space(attribute.get()), name);
    T value{};
    if (H5Tget_class(stored.get()) != wanted || H5Sget_simple_extent_npoints(space.get()) != 1
        || H5Aread(attribute.get(), type, &value) < 0) {
        refuse(path + "@" + name, "is of another type");
    }
    return value;
}

template <typename T>
std::vector<T> readArray(hid_t file, const std::string& path, hid_t type, core::Shape& shape)
{
    const Hdf5Handle dataset = openDataset(file, path);
    const Hdf5Handle stored = handle(H5Dget_type(dataset.get()), path);
    if (H5Tget_class(stored.get()) != H5Tget_class(type)) {
        refuse(path, "is of another type");
    }
    shape = shapeOf(dataset, sizeof(T), path);
    std::vector<T> values(static_cast<std::size_t>(core::elementCount(shape)));
    if (!values.empty() && H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
        refuse(path, "cannot be read: the file is damaged");
    }
    return values;
}

Table::Column readColumn(const Hdf5Handle& dataset, hid_t rowType, unsigned index, std::size_t rows,
                         const std::string& path)
{
    char* const raw = H5Tget_member_name(rowType, index);
    const std::string name = raw ? raw : "";
    H5free_memory(raw);
    const Hdf5Handle member = handle(H5Tget_member_type(rowType, index), path);
    const auto readInto = [&](hid_t type, std::size_t size, void* data) {
        const Hdf5Handle one = handle(H5Tcreate(H5T_COMPOUND, size), path);
        if (H5Tinsert(one.get(), name.c_str(), 0, type) < 0
            || (rows > 0 && H5Dread(dataset.get(), one.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)) {
            refuse(path, fmt::format("cannot be read (column '{}'): the file is damaged", name));
        }
    };
    switch (H5Tget_class(member.get())) {
    case H5T_FLOAT: {
        Table::Reals values(rows);
        readInto(H5T_NATIVE_DOUBLE, sizeof(double), values.data());
        return {name, {}, std::move(values)};
    }
    case H5T_INTEGER: {
        Table::Integers values(rows);
        readInto(H5T_NATIVE_INT64, sizeof(std::int64_t), values.data());
        return {name, {}, std::move(values)};
    }
    default: {
        const std::size_t size = textSize(member.get(), path);
        if (rows > kMostBytes / size) {
            refuse(path, "is larger than a gibibyte");
        }
        std::vector<char> buffer(rows * size);
        readInto(fixedTextType(size).get(), size, buffer.data());
        Table::Texts values;
        for (std::size_t r = 0; r < rows; ++r) {
            values.push_back(unpadded(buffer.data() + r * size, size));
        }
        return {name, {}, std::move(values)};
    }
    }
}

} // namespace

Hdf5Reader::Hdf5Reader(std::string_view bytes)
    : m_file(openImage(bytes))
{
}

bool Hdf5Reader::has(const std::string& path) const
{
    const auto lock = lockHdf5();
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
    const Hdf5Handle attribute = openAttribute(m_file.get(), path, name);
    const Hdf5Handle type = handle(H5Aget_type(attribute.get()), name);
    const Hdf5Handle space = handle(H5Aget_space(attribute.get()), name);
    const std::size_t size = textSize(type.get(), path + "@" + name);
    if (H5Sget_simple_extent_npoints(space.get()) != 1) {
        refuse(path + "@" + name, "is not one text");
    }
    std::vector<char> buffer(size);
    if (H5Aread(attribute.get(), fixedTextType(size).get(), buffer.data()) < 0) {
        refuse(path + "@" + name, "cannot be read");
    }
    return unpadded(buffer.data(), size);
}

std::int64_t Hdf5Reader::integerAttribute(const std::string& path, const std::string& name) const
{
    const auto lock = lockHdf5();
    return numberAttribute<std::int64_t>(m_file.get(), path, name, H5T_NATIVE_INT64, H5T_INTEGER);
}

double Hdf5Reader::realAttribute(const std::string& path, const std::string& name) const
{
    const auto lock = lockHdf5();
    return numberAttribute<double>(m_file.get(), path, name, H5T_NATIVE_DOUBLE, H5T_FLOAT);
}

std::string Hdf5Reader::text(const std::string& path) const
{
    const auto lock = lockHdf5();
    const Hdf5Handle dataset = openDataset(m_file.get(), path);
    const Hdf5Handle type = handle(H5Dget_type(dataset.get()), path);
    const std::size_t size = textSize(type.get(), path);
    if (core::elementCount(shapeOf(dataset, size, path)) != 1) {
        refuse(path, "is not one text");
    }
    std::vector<char> buffer(size);
    if (H5Dread(dataset.get(), fixedTextType(size).get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer.data()) < 0) {
        refuse(path, "cannot be read: the file is damaged");
    }
    return unpadded(buffer.data(), size);
}

Table Hdf5Reader::table(const std::string& path) const
{
    const auto lock = lockHdf5();
    const Hdf5Handle dataset = openDataset(m_file.get(), path);
    const Hdf5Handle type = handle(H5Dget_type(dataset.get()), path);
    if (H5Tget_class(type.get()) != H5T_COMPOUND) {
        refuse(path, "is no table");
    }
    const core::Shape shape = shapeOf(dataset, H5Tget_size(type.get()), path);
    if (shape.size() != 1) {
        refuse(path, "is no table");
    }
    Table table;
    const int members = H5Tget_nmembers(type.get());
    for (int i = 0; i < members; ++i) {
        table.add(readColumn(dataset, type.get(), static_cast<unsigned>(i),
                             static_cast<std::size_t>(shape[0]), path));
    }
    return table;
}

std::vector<std::uint64_t> Hdf5Reader::counts(const std::string& path, core::Shape& shape) const
{
    const auto lock = lockHdf5();
    return readArray<std::uint64_t>(m_file.get(), path, H5T_NATIVE_UINT64, shape);
}

std::vector<float> Hdf5Reader::floats(const std::string& path, core::Shape& shape) const
{
    const auto lock = lockHdf5();
    return readArray<float>(m_file.get(), path, H5T_NATIVE_FLOAT, shape);
}

} // namespace io
