#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The one way in which files are written. A regular file is replaced through a temporary beside it, so that
/// the old one stays until the new one is whole; it keeps owner, mode and hard links, and links are followed
/// to what they name. Devices, pipes and descriptors (/dev/stdout) are written through.
namespace io {

struct OutputFile
{
    std::filesystem::path path;
    std::string_view content;
};

/// All of them or none: nothing is replaced before each is on disk beside its place, the first comes last,
/// and when one cannot be put there the others are put back. Throws core::Error(Usage) where one is an input
/// that is protected, Io where one cannot be written.
void writeTogether(std::span<const OutputFile> files);

enum class OutputKind
{
    File,
    Folder, ///< made where it is missing
};

/// The outputs that a command was told to write, checked before its work begins.
class ClaimedOutputs
{
public:
    /// Throws core::Error(Usage) where the path is an input or another output by any spelling, Io where it
    /// cannot be written. An empty path is none.
    void claim(const std::filesystem::path& path, OutputKind kind = OutputKind::File);

    /// Again, once all inputs are known.
    void refuseInputs() const;

private:
    std::vector<std::filesystem::path> m_named;
    std::vector<std::filesystem::path> m_targets; ///< where they lie once links are followed
};

} // namespace io
