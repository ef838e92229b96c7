#pragma once

#include <filesystem>

namespace io {

/// What a path to write names once links are followed.
struct OutputTarget
{
    enum class Kind
    {
        Missing,
        Regular,
        Folder,
        Stream, ///< device, pipe, socket or one of our own descriptors
    };
    Kind kind = Kind::Missing;
    std::filesystem::path path;
    int descriptor = -1; ///< /dev/stdout and the like: already open
};

/// Throws core::Error(Io) for links that lead in a circle.
[[nodiscard]] OutputTarget outputTarget(const std::filesystem::path& path);

} // namespace io
