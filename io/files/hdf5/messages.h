#pragma once

#include "io/files/hdf5/cursor.h"

#include <cstdint>
#include <string_view>
#include <vector>

/// Messages of HDF5's object headers, as far as Hdf5Writer writes them. Each function refuses any other form.
namespace io::hdf5 {

inline constexpr std::uint64_t kNoAddress = UINT64_MAX;
inline constexpr std::uint64_t kMostElements = std::uint64_t{1} << 30;

/// Extents; empty: one element.
[[nodiscard]] std::vector<std::uint64_t> dataspace(Cursor& message);
/// Elements of an extent, at most as many as the budget has bytes.
[[nodiscard]] std::uint64_t pointsOf(const std::vector<std::uint64_t>& extent);

/// Bytes of one element. `depth`: compounds hold no compounds.
[[nodiscard]] std::uint64_t datatype(Cursor& message, int depth = 0);

void attribute(Cursor& message);
/// Whether there is deflate, behind shuffle or alone; shuffle alone is refused.
[[nodiscard]] bool filters(Cursor& message);
void groupInfo(Cursor& message);

/// Of links or attributes: none of them lie outside the header. `orderBytes`: of the largest creation order.
void compactInfo(Cursor& message, std::size_t orderBytes);

/// Name of a link and address of the object that it leads to.
[[nodiscard]] std::pair<std::string, std::uint64_t> link(Cursor& message);

/// Bytes of the fill value; 0: none.
[[nodiscard]] std::uint64_t fillValue(Cursor& message);

/// Where the elements of a dataset lie.
struct Storage
{
    enum class Kind : std::uint8_t
    {
        Compact,
        Contiguous,
        SingleChunk,
        ChunkArray
    };
    Kind kind = Kind::Compact;
    std::uint64_t address = kNoAddress; ///< of the data, or of the array of chunks
    std::uint64_t bytes = 0; ///< of the data; of chunks: 0
    std::vector<std::uint64_t> chunk{}; ///< extents, the last one in bytes
    std::uint64_t packedBytes = 0; ///< of SingleChunk, packed; 0: not packed
    std::uint64_t mask = 0; ///< of SingleChunk: filters left out
    std::uint64_t pageBits = 0; ///< of ChunkArray
};
[[nodiscard]] Storage layout(Cursor& message);

} // namespace io::hdf5
