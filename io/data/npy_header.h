#pragma once

#include "core/tensor/data_type.h"
#include "core/tensor/shape.h"
#include "io/data/array_file.h"
#include "io/files/random_access_file.h"

#include <string>
#include <string_view>

namespace io {

/// What the text in front of an .npy array says.
struct NpyHeader
{
    core::DataType type = core::DataType::Undefined;
    core::Shape shape;
    std::uint64_t dataOffset = 0; ///< first byte of the array in the file
};

/// Reads and checks the header of an .npy that begins at byte 0: that the array has an element type we hold,
/// C order, and that the file is long enough for the shape. Throws core::Error(FileFormat) naming the file.
[[nodiscard]] NpyHeader readNpyHeader(const RandomAccessFile& file);

/// The array behind such a header.
[[nodiscard]] std::unique_ptr<ArrayFile> openNpy(RandomAccessFile file);

} // namespace io
