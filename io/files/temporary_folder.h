#pragma once

#include "io/files/temporaries.h"

#include <filesystem>
#include <memory>

namespace io {

/// A new, empty folder of this object; removed with everything in it. Throws core::Error(Io).
class TemporaryFolder
{
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
    std::unique_ptr<TemporaryPath> m_temporary; ///< also gone when a signal ends the process
};

} // namespace io
