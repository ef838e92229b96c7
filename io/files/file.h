#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// The whole file. Throws core::Error(Io) naming it, or OutOfBudget above `mostBytes`.
[[nodiscard]] std::string readFile(const std::filesystem::path& path,
                                   std::size_t mostBytes = std::size_t{4} << 30);

/// Writes through a temporary file in the same folder, fsync and rename: the old file stays until the new one
/// is whole.
void writeFileAtomically(const std::filesystem::path& path, std::string_view content);

/// Lower-case hexadecimal SHA-256.
[[nodiscard]] std::string sha256(std::string_view bytes);

} // namespace io
