#pragma once

#include <cstdint>
#include <string_view>

namespace io {

/// The checksum that HDF5 keeps of its metadata: Bob Jenkins's lookup3 ("hashlittle", initial value 0).
[[nodiscard]] std::uint32_t hdf5Checksum(std::string_view bytes);

} // namespace io
