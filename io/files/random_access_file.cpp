#include "io/files/random_access_file.h"

#include "core/base/error.h"
#include "io/files/input_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace io {

using core::Error;
using core::ErrorKind;

RandomAccessFile::RandomAccessFile(const std::filesystem::path& path)
    : RandomAccessFile(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), path.string())
{
    struct stat status
    {
    };
    if (m_descriptor < 0 || ::fstat(m_descriptor, &status) != 0) {
        throw Error(ErrorKind::Io, fmt::format("cannot read {}: {}", m_name, std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorKind::Io, fmt::format("cannot read {}: not a regular file", m_name));
    }
    noteInput(m_descriptor);
    m_size = static_cast<std::uint64_t>(status.st_size);
}

RandomAccessFile::RandomAccessFile(int descriptor, std::string name)
    : m_descriptor(descriptor)
    , m_name(std::move(name))
{
}

RandomAccessFile RandomAccessFile::temporary(std::string name)
{
    std::string path = (std::filesystem::temp_directory_path() / "noisefloor-XXXXXX").string();
    RandomAccessFile file(::mkostemp(path.data(), O_CLOEXEC), std::move(name));
    if (file.m_descriptor < 0) {
        throw Error(
            ErrorKind::Io,
            fmt::format("cannot unpack {} into the temporary folder: {}", file.m_name, std::strerror(errno)));
    }
    ::unlink(path.c_str());
    return file;
}

RandomAccessFile::~RandomAccessFile()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

RandomAccessFile::RandomAccessFile(RandomAccessFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_size(other.m_size)
    , m_name(std::move(other.m_name))
{
}

void RandomAccessFile::read(std::uint64_t offset, std::span<std::byte> dst) const
{
    while (!dst.empty()) {
        const ssize_t count = ::pread(m_descriptor, dst.data(), dst.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw Error(ErrorKind::Io, fmt::format("cannot read {}: {}", m_name, std::strerror(errno)));
        }
        if (count == 0) {
            throw Error(ErrorKind::FileFormat,
                        fmt::format("{}: truncated: the file ends at byte {}", m_name, offset));
        }
        offset += static_cast<std::uint64_t>(count);
        dst = dst.subspan(static_cast<std::size_t>(count));
    }
}

void RandomAccessFile::append(std::span<const std::byte> src)
{
    while (!src.empty()) {
        const ssize_t count = ::pwrite(m_descriptor, src.data(), src.size(), static_cast<off_t>(m_size));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw Error(
                ErrorKind::Io,
                fmt::format("cannot unpack {} into the temporary folder: {}", m_name, std::strerror(errno)));
        }
        m_size += static_cast<std::uint64_t>(count);
        src = src.subspan(static_cast<std::size_t>(count));
    }
}

} // namespace io
