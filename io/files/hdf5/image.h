#pragma once

#include "core/tensor/shape.h"
#include "core/tensor/tensor.h"
#include "io/files/hdf5/handle.h"
#include "io/files/hdf5/table.h"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// An HDF5 file that is built in memory, in the form of 1.10, whose metadata have checksums; every dataset
/// has an attribute `sha256` of its data. Paths are absolute; missing groups are made. Throws core::Error(Io)
/// when HDF5 refuses.
class Hdf5Writer
{
public:
    Hdf5Writer();

    void group(const std::string& path);
    void attribute(const std::string& path, const std::string& name, std::string_view text);
    void attribute(const std::string& path, const std::string& name, std::int64_t number);
    void attribute(const std::string& path, const std::string& name, double number);
    /// A scalar text.
    void text(const std::string& path, std::string_view text);
    void table(const std::string& path, const Table& table);
    /// Row-major numbers; packed (shuffle and deflate 1) from 64 KiB on when `packed`.
    void array(const std::string& path, std::span<const std::uint64_t> values, const core::Shape& shape,
               bool packed);
    void array(const std::string& path, std::span<const float> values, const core::Shape& shape, bool packed);

    /// A row-major tensor of numbers in its own type.
    void tensor(const std::string& path, const core::Tensor& tensor);

    /// The bytes of the file.
    [[nodiscard]] std::string finish() &&;

private:
    Hdf5Handle m_file;
};

/// Reads such a file from memory; older forms, without checksums, are refused. Throws core::Error(FileFormat)
/// naming the object that is missing, of another type or larger than a gibibyte. Before anything of a dataset
/// is read, its type, extent, storage and filters are looked at: it lies in this file, packed by shuffle and
/// deflate at most, in chunks within the budget, and takes no more memory than the bytes stored for it can
/// stand for; all datasets together stay below two gibibytes.
class Hdf5Reader
{
public:
    enum class Content : std::uint8_t
    {
        Whole, ///< its checksum has matched
        Damaged ///< every object is held against its own checksum, and refused where it does not match
    };
    explicit Hdf5Reader(std::string_view bytes, Content content = Content::Whole);

    [[nodiscard]] bool has(const std::string& path) const;
    /// Names in a group, in byte order.
    [[nodiscard]] std::vector<std::string> names(const std::string& path) const;
    [[nodiscard]] std::string textAttribute(const std::string& path, const std::string& name) const;
    [[nodiscard]] std::int64_t integerAttribute(const std::string& path, const std::string& name) const;
    [[nodiscard]] double realAttribute(const std::string& path, const std::string& name) const;
    [[nodiscard]] std::string text(const std::string& path) const;
    [[nodiscard]] Table table(const std::string& path) const;
    [[nodiscard]] std::vector<std::uint64_t> counts(const std::string& path, core::Shape& shape) const;
    [[nodiscard]] std::vector<float> floats(const std::string& path, core::Shape& shape) const;

private:
    /// A dataset that may be read; `size`: bytes of one element in memory, 0: as stored.
    [[nodiscard]] Hdf5Handle openDataset(const std::string& path, std::size_t size, core::Shape& shape) const;
    void refuseDamaged(const std::string& path) const;
    void checkData(const std::string& path, std::string_view data) const;

    Content m_content;
    std::set<std::string> m_damaged; ///< paths whose headers are not as they were written
    Hdf5Handle m_file;
    mutable std::uint64_t m_bytes = 0; ///< asked for so far
};

} // namespace io
