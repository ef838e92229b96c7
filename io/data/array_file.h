#pragma once

#include "core/tensor/data_type.h"
#include "core/tensor/shape.h"
#include "core/tensor/tensor.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace io {

/// An array in a file, read in slices along its first axis. Several threads may read.
class ArrayFile
{
public:
    virtual ~ArrayFile() = default;
    [[nodiscard]] core::DataType type() const { return m_type; }
    [[nodiscard]] const core::Shape& shape() const { return m_shape; } ///< rank >= 1
    [[nodiscard]] const std::string& name() const { return m_name; } ///< file and array, for messages
    [[nodiscard]] std::int64_t items() const { return m_shape.front(); }

    /// Items [first, first + count) as a tensor of shape count x shape()[1:].
    /// Throws core::Error when the file is truncated or the slice exceeds kMostSliceBytes.
    [[nodiscard]] core::Tensor read(std::int64_t first, std::int64_t count) const;

    static constexpr std::int64_t kMostSliceBytes = std::int64_t{1} << 31;

protected:
    ArrayFile(std::string name, core::DataType type, core::Shape shape);
    virtual void readInto(std::int64_t first, std::int64_t count, std::byte* dst) const = 0;

private:
    std::string m_name;
    core::DataType m_type;
    core::Shape m_shape;
};

/// NumPy's .npy, versions 1 to 3, little-endian, C order. Throws core::Error on anything else, on a truncated
/// file and on a declared shape that the file does not hold.
[[nodiscard]] std::unique_ptr<ArrayFile> openNpy(const std::filesystem::path& path);

/// One array of an .npz. It is unpacked into an unnamed temporary file, so memory does not grow with it.
[[nodiscard]] std::unique_ptr<ArrayFile> openNpz(const std::filesystem::path& path, const std::string& array);
/// The arrays of an .npz, in the order of the archive, without ".npy".
[[nodiscard]] std::vector<std::string> namesInNpz(const std::filesystem::path& path);

/// A numeric dataset of an HDF5 file.
[[nodiscard]] std::unique_ptr<ArrayFile> openHdf5(const std::filesystem::path& path,
                                                  const std::string& dataset);
/// The datasets in the root group, by name.
[[nodiscard]] std::vector<std::string> namesInHdf5(const std::filesystem::path& path);

} // namespace io
