#pragma once

#include "core/tensor/data_type.h"
#include "core/tensor/shape.h"
#include "io/data/hdf5_source.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace io::hdf5data {

/// Numbers as they are stored.
struct NumberType
{
    core::DataType type = core::DataType::Float32; ///< halves become Float32
    std::size_t storedBytes = 4;
    bool isBigEndian = false;
};

enum class Filter : std::uint8_t
{
    Deflate = 1,
    Shuffle = 2,
    Fletcher32 = 3,
};

/// Where the elements of a dataset lie.
struct Layout
{
    enum class Kind : std::uint8_t
    {
        Compact,
        Contiguous,
        ChunkTree, ///< B-tree of version 1
        SingleChunk,
        ImplicitChunks,
        FixedArray,
    };
    Kind kind = Kind::Contiguous;
    std::uint64_t address = kNowhere;
    std::uint64_t bytes = 0; ///< of Contiguous
    std::string inside; ///< of Compact
    std::vector<std::uint64_t> chunk; ///< extents; the last one in bytes
    std::uint64_t packedBytes = 0; ///< of a packed SingleChunk
    std::uint64_t mask = 0; ///< of SingleChunk: filters left out
    std::uint64_t pageBits = 0; ///< of FixedArray
};

/// What the header of one object says, as far as numbers and groups need it.
struct Object
{
    std::optional<core::Shape> extent;
    std::optional<NumberType> numbers;
    bool hasOtherType = false; ///< texts, compounds, …: no numbers
    std::optional<Layout> layout;
    std::vector<Filter> filters; ///< in the order in which they were applied
    std::uint64_t shuffledBytes = 0; ///< of an element, as Shuffle was told; 0: not shuffled
    std::string fill; ///< one element; empty: zeros
    std::map<std::string, std::uint64_t> links; ///< addresses of objects in this file
    std::map<std::string, std::string> otherLinks; ///< names of links that are refused, and why
    std::optional<std::pair<std::uint64_t, std::uint64_t>> table; ///< B-tree and heap of an old group
};

/// Address of the root group. Throws core::Error(FileFormat) at anything that is not HDF5.
[[nodiscard]] std::uint64_t openSuperblock(Source& source);

[[nodiscard]] Object objectAt(const Source& source, std::uint64_t address);

/// The links of a group of either kind.
void addTableLinks(const Source& source, Object& group);

} // namespace io::hdf5data
