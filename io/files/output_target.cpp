#include "io/files/output_target.h"

#include "core/base/error.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace io {

namespace fs = std::filesystem;

namespace {

/// The number of "/dev/stdout", "/dev/fd/7", …; −1 for anything else.
int descriptorNamed(const fs::path& path)
{
    const std::string name = path.lexically_normal().string();
    if (name == "/dev/stdout" || name == "/dev/stderr") {
        return name == "/dev/stdout" ? 1 : 2;
    }
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        int number = -1;
        const char* const end = name.data() + name.size();
        if (name.starts_with(folder)
            && std::from_chars(name.data() + folder.size(), end, number).ptr == end) {
            return number;
        }
    }
    return -1;
}

OutputTarget::Kind kindOf(const fs::path& path)
{
    struct stat status
    {
    };
    if (::stat(path.c_str(), &status) != 0) {
        return OutputTarget::Kind::Missing;
    }
    return S_ISREG(status.st_mode) ? OutputTarget::Kind::Regular
        : S_ISDIR(status.st_mode)  ? OutputTarget::Kind::Folder
                                   : OutputTarget::Kind::Stream;
}

} // namespace

OutputTarget outputTarget(const fs::path& path)
{
    constexpr int kMostLinks = 40; // as many as the kernel follows
    fs::path at = path;
    for (int i = 0; i < kMostLinks; ++i) {
        if (const int descriptor = descriptorNamed(at); descriptor >= 0) {
            return {OutputTarget::Kind::Stream, at, descriptor};
        }
        std::error_code ignored;
        if (!fs::is_symlink(fs::symlink_status(at, ignored))) {
            return {kindOf(at), at, -1};
        }
        const fs::path next = fs::read_symlink(at, ignored);
        at = next.is_absolute() ? next : at.parent_path() / next;
    }
    throw core::Error(core::ErrorKind::Io,
                      fmt::format("cannot write {}: {}", path.string(), std::strerror(ELOOP)));
}

} // namespace io
