#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

/// Temporary files and folders carry the process they belong to, so that those of one that died are found and
/// taken away by the next, and all of this process can be removed at once.
namespace io {

/// "PREFIX.noisefloor-HOST-PID-RANDOM"; a long prefix is cut.
[[nodiscard]] std::string temporaryName(std::string_view prefix);

/// Removes what dead processes of this machine left in `folder` under that prefix.
void removeDeadTemporaries(const std::filesystem::path& folder, std::string_view prefix);

/// Kept until it is destroyed: removeTemporaries() takes it away should the process end before.
class TemporaryPath
{
public:
    explicit TemporaryPath(std::filesystem::path path);
    ~TemporaryPath(); ///< removes file or folder unless it was released
    TemporaryPath(const TemporaryPath&) = delete;
    TemporaryPath& operator=(const TemporaryPath&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    void release(); ///< it is no temporary any more

private:
    std::filesystem::path m_path;
    bool m_isReleased = false;
};

/// Held while files of a set are put in place: removeTemporaries() waits for it.
[[nodiscard]] std::unique_lock<std::mutex> placingFiles();

/// Removes every temporary of this process; for the moment before it ends by a signal. From
/// then on nothing is put in place any more.
void removeTemporaries();

} // namespace io
