#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// A file of lines that survives kill -9 at any moment: append() returns once the line is on disk, and a line
/// that was cut off while it was written is dropped when the file is opened again. One process at a time.
class Journal
{
public:
    /// Opens the file, or makes it with that first line. Throws core::Error(Usage) when the file starts with
    /// another line or another process holds it, Io when it cannot be written.
    Journal(std::filesystem::path path, const std::string& header);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// The lines behind the header that were there when the file was opened.
    [[nodiscard]] const std::vector<std::string>& lines() const { return m_lines; }

    /// One line without line feed.
    void append(std::string_view line);

private:
    const std::filesystem::path m_path;
    std::vector<std::string> m_lines;
    int m_descriptor = -1;
};

} // namespace io
