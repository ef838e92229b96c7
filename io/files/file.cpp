#include "io/files/file.h"

#include "core/base/error.h"
#include "io/files/descriptor.h"
#include "io/files/input_files.h"
#include "io/files/output_files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

[[noreturn]] void failed(std::string_view what, const std::filesystem::path& path, int error)
{
    throw Error(ErrorKind::Io, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

/// Pipes say nothing of what will come; one through which nothing comes must not block for good.
void awaitPipe(int descriptor, const std::filesystem::path& path)
{
    constexpr int kMostMilliseconds = 5000;
    pollfd wait{descriptor, POLLIN, 0};
    int ready = ::poll(&wait, 1, kMostMilliseconds);
    while (ready < 0 && errno == EINTR) {
        ready = ::poll(&wait, 1, kMostMilliseconds);
    }
    if (ready == 0) {
        throw Error(ErrorKind::Io,
                    fmt::format("cannot read {}: a pipe through which nothing came for {} s", path.string(),
                                kMostMilliseconds / 1000));
    }
}

} // namespace

std::string readFile(const std::filesystem::path& path, std::size_t mostBytes)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status
    {
    };
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        failed("read", path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        failed("read", path, EISDIR);
    }
    noteInput(file.get());
    const bool isPipe = S_ISFIFO(status.st_mode);
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
        if (isPipe) {
            awaitPipe(file.get(), path);
        }
        const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
        if (count < 0 && (errno == EINTR || (isPipe && errno == EAGAIN))) {
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
    const OutputFile file{path, content};
    writeTogether({&file, 1});
}

} // namespace io
