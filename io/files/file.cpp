#include "io/files/file.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

/// A descriptor that is closed again.
class Descriptor
{
public:
    explicit Descriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return m_descriptor; }
    int close()
    {
        const int result = m_descriptor >= 0 ? ::close(m_descriptor) : 0;
        m_descriptor = -1;
        return result;
    }

private:
    int m_descriptor;
};

[[noreturn]] void failed(std::string_view what, const std::filesystem::path& path, int error)
{
    throw Error(ErrorKind::Io, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

void writeAll(int descriptor, std::string_view content, const std::filesystem::path& path)
{
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            failed("write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// A rename is on disk once its folder is. Some file systems refuse to sync folders, which is not our
/// failure.
void syncFolder(const std::filesystem::path& folder)
{
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() >= 0) {
        ::fsync(descriptor.get());
    }
}

} // namespace

std::string readFile(const std::filesystem::path& path, std::size_t mostBytes)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status
    {
    };
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        failed("read", path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        failed("read", path, EISDIR);
    }
    const auto tooBig = [&] {
        return Error(
            ErrorKind::OutOfBudget,
            fmt::format("{} has more than the {} bytes that are read at once", path.string(), mostBytes));
    };
    const auto declared = static_cast<std::size_t>(status.st_size);
    if (declared > mostBytes) {
        throw tooBig();
    }
    // One byte more than declared shows a file that grew, and pipes declare nothing.
    std::string content(declared + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        if (filled == content.size()) {
            content.resize(content.size() + (std::size_t{1} << 20));
        }
        const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            failed("read", path, errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
        if (filled > mostBytes) {
            throw tooBig();
        }
    }
    content.resize(filled);
    return content;
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view content)
{
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    std::string temporary = (folder / fmt::format(".{}.XXXXXX", path.filename().string())).string();
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.get() < 0) {
        failed("write", path, errno);
    }
    try {
        // mkstemp makes the file private; what replaces an old file keeps its mode, a new one gets the usual.
        struct stat old
        {
        };
        const bool replaces = ::stat(path.c_str(), &old) == 0;
        const mode_t mask = ::umask(0);
        ::umask(mask);
        ::fchmod(file.get(), replaces ? old.st_mode & 07777 : 0666 & ~mask);
        writeAll(file.get(), content, path);
        if (::fsync(file.get()) != 0 || file.close() != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
            failed("write", path, errno);
        }
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    syncFolder(folder);
}

} // namespace io
