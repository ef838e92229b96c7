#pragma once

#include "io/files/hdf5/messages.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace io::hdf5 {

inline constexpr std::size_t kChecksumBytes = 4;

/// The bytes of a file, whose parts are asked for by addresses that nobody vouches for.
class Image
{
public:
    explicit Image(std::string_view bytes)
        : m_bytes(bytes)
    {
    }
    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    /// Refused where it leaves the file.
    [[nodiscard]] std::string_view part(std::uint64_t address, std::uint64_t bytes) const;
    /// What stands in front of a checksum that is right.
    [[nodiscard]] std::string_view checkedPart(std::uint64_t address, std::uint64_t bytes) const;

private:
    std::string_view m_bytes;
};

/// Of a dataset in chunks of one row each: every chunk lies in the file and is as large as it should be, when
/// packed after it was unpacked. libhdf5 (1.10.8) checks neither.
void checkChunks(const Image& image, const Storage& storage, const std::vector<std::uint64_t>& extent,
                 std::uint64_t elementBytes, bool isPacked);

} // namespace io::hdf5
