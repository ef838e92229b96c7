#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/data/array_file.h"
#include "io/files/hdf5/handle.h"
#include "io/files/hdf5_lock.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5.h>
#include <utility>

namespace io {

namespace {

using core::DataType;
using core::Error;
using core::ErrorKind;

using Handle = Hdf5Handle;

Handle openFile(const std::filesystem::path& path)
{
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // errors are told by us, not printed
    if (!std::filesystem::exists(path)) {
        throw Error(ErrorKind::Io, fmt::format("cannot read {}: No such file or directory", path.string()));
    }
    Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    if (!file.isValid()) {
        throw Error(ErrorKind::FileFormat, fmt::format("{}: not an HDF5 file, or truncated", path.string()));
    }
    return file;
}

herr_t collectName(hid_t group, const char* name, const H5L_info_t*, void* names)
{
    H5O_info_t info{};
    if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0
        && info.type == H5O_TYPE_DATASET) {
        static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    }
    return 0;
}

std::vector<std::string> datasetsOf(const Handle& file)
{
    std::vector<std::string> names;
    H5Literate(file.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collectName, &names);
    return names;
}

DataType elementType(hid_t type, const std::string& name)
{
    const std::size_t size = H5Tget_size(type);
    const bool isSigned = H5Tget_sign(type) == H5T_SGN_2;
    switch (H5Tget_class(type)) {
    case H5T_FLOAT:
        // 2-byte floats are IEEE halves in files that h5py writes.
        if (size == 2 || size == 4 || size == 8) {
            return size == 8 ? DataType::Float64 : DataType::Float32;
        }
        break;
    case H5T_INTEGER:
        switch (size) {
        case 1:
            return isSigned ? DataType::Int8 : DataType::UInt8;
        case 2:
            return isSigned ? DataType::Int16 : DataType::UInt16;
        case 4:
            return isSigned ? DataType::Int32 : DataType::UInt32;
        case 8:
            return isSigned ? DataType::Int64 : DataType::UInt64;
        default:
            break;
        }
        break;
    default:
        break;
    }
    throw Error(ErrorKind::FileFormat, fmt::format("{}: not a dataset of numbers", name));
}

hid_t memoryType(DataType type)
{
    switch (type) {
    case DataType::Float32:
        return H5T_NATIVE_FLOAT;
    case DataType::Float64:
        return H5T_NATIVE_DOUBLE;
    case DataType::Int8:
        return H5T_NATIVE_INT8;
    case DataType::UInt8:
        return H5T_NATIVE_UINT8;
    case DataType::Int16:
        return H5T_NATIVE_INT16;
    case DataType::UInt16:
        return H5T_NATIVE_UINT16;
    case DataType::Int32:
        return H5T_NATIVE_INT32;
    case DataType::UInt32:
        return H5T_NATIVE_UINT32;
    case DataType::Int64:
        return H5T_NATIVE_INT64;
    default:
        return H5T_NATIVE_UINT64;
    }
}

class Hdf5Array : public ArrayFile
{
public:
    Hdf5Array(Handle file, Handle dataset, std::string name, DataType type, core::Shape shape)
        : ArrayFile(std::move(name), type, std::move(shape))
        , m_file(std::move(file))
        , m_dataset(std::move(dataset))
    {
    }

private:
    void readInto(std::int64_t first, std::int64_t count, std::byte* dst) const override
    {
        const auto lock = lockHdf5();
        std::vector<hsize_t> start(shape().size(), 0);
        std::vector<hsize_t> extent(shape().begin(), shape().end());
        start.front() = static_cast<hsize_t>(first);
        extent.front() = static_cast<hsize_t>(count);
        const Handle space(H5Dget_space(m_dataset.get()));
        const Handle memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
        if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr)
                < 0
            || H5Dread(m_dataset.get(), memoryType(type()), memory.get(), space.get(), H5P_DEFAULT, dst)
                < 0) {
            throw Error(
                ErrorKind::FileFormat,
                fmt::format("{}: cannot read item {}: the file is damaged or truncated", name(), first));
        }
    }

    Handle m_file;
    Handle m_dataset;
};

/// A cache that holds at least one chunk, else each item of a packed chunk would unpack all of it.
Handle openDataset(const Handle& file, const std::string& dataset)
{
    constexpr std::size_t kSlots = 521;
    constexpr std::size_t kCacheBytes = std::size_t{64} << 20; // HDF5's own default is 1 MiB
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS));
    H5Pset_chunk_cache(access.get(), kSlots, kCacheBytes, 0.75);
    return Handle(H5Dopen2(file.get(), dataset.c_str(), access.get()));
}

} // namespace

std::vector<std::string> namesInHdf5(const std::filesystem::path& path)
{
    const auto lock = lockHdf5();
    return datasetsOf(openFile(path));
}

std::unique_ptr<ArrayFile> openHdf5(const std::filesystem::path& path, const std::string& dataset)
{
    const auto lock = lockHdf5();
    Handle file = openFile(path);
    Handle opened = openDataset(file, dataset);
    if (!opened.isValid()) {
        const std::vector<std::string> names = datasetsOf(file);
        throw Error(ErrorKind::Usage,
                    fmt::format("{}: no dataset '{}'{}; it has {}", path.string(), dataset,
                                core::nearMisses(dataset, names), fmt::join(names, ", ")));
    }
    const std::string name = fmt::format("{}[{}]", path.string(), dataset);
    const Handle space(H5Dget_space(opened.get()));
    const Handle type(H5Dget_type(opened.get()));
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 1) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("{}: a scalar; the first axis must count samples", name));
    }
    std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr);
    core::Shape shape(extent.begin(), extent.end());
    const DataType element = elementType(type.get(), name);
    return std::make_unique<Hdf5Array>(std::move(file), std::move(opened), name, element, std::move(shape));
}

} // namespace io
