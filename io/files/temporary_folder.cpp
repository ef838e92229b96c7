#include "io/files/temporary_folder.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace io {

namespace {

constexpr std::string_view kPrefix = "folder";

} // namespace

TemporaryFolder::TemporaryFolder()
{
    const std::filesystem::path parent = std::filesystem::temp_directory_path();
    removeDeadTemporaries(parent, kPrefix);
    m_temporary = std::make_unique<TemporaryPath>(parent / temporaryName(kPrefix));
    m_path = m_temporary->path();
    if (::mkdir(m_path.c_str(), 0700) != 0) {
        throw core::Error(core::ErrorKind::Io,
                          "cannot make a temporary folder " + m_path.string() + ": " + std::strerror(errno));
    }
}

TemporaryFolder::~TemporaryFolder() = default;

} // namespace io
