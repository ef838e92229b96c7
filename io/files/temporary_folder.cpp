#include "io/files/temporary_folder.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace io {

TemporaryFolder::TemporaryFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "noisefloor-XXXXXX").string();
    if (!::mkdtemp(name.data())) {
        throw core::Error(core::ErrorKind::Io,
                          "cannot make a temporary folder " + name + ": " + std::strerror(errno));
    }
    m_path = name;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

} // namespace io
