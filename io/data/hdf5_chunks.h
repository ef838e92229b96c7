#pragma once

#include "io/data/hdf5_object.h"

#include <cstddef>
#include <string>
#include <vector>

namespace io::hdf5data {

struct Chunk
{
    std::uint64_t address = kNowhere; ///< kNowhere: never written, all fill values
    std::uint64_t storedBytes = 0;
    std::uint64_t mask = 0; ///< filters left out
};

/// Every chunk of a dataset, in row-major order. Each lies within the file, is there once, and is as large as
/// the dataset's type and chunk say.
[[nodiscard]] std::vector<Chunk> chunksOf(const Source& source, const Object& dataset);

/// Chunks along each axis.
[[nodiscard]] std::vector<std::uint64_t> chunkGrid(const Object& dataset);

/// The elements of one chunk as they were before filters. Throws core::Error(FileFormat) where they do not
/// give exactly as many bytes.
[[nodiscard]] std::string unpackedChunk(const Source& source, const Object& dataset, const Chunk& chunk);

} // namespace io::hdf5data
