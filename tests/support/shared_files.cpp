#include "tests/support/shared_files.h"

#include <cstdlib>
#include <unistd.h>

namespace support {

namespace fs = std::filesystem;

std::optional<fs::path> sharedFile(const std::string& relative)
{
    const char* folder = std::getenv("NOISEFLOOR_SHARED");
    const fs::path path =
        (folder ? fs::path(folder) : fs::path(NOISEFLOOR_SOURCE_DIR) / ".." / "shared") / relative;
    return fs::exists(path) ? std::optional(path.lexically_normal()) : std::nullopt;
}

fs::path projectFile(const std::string& relative) { return fs::path(NOISEFLOOR_SOURCE_DIR) / relative; }

fs::path buildFolder() { return NOISEFLOOR_BINARY_DIR; }

fs::path temporaryFolder()
{
    struct Folder
    {
        fs::path path = fs::temp_directory_path() / ("noisefloor-test-" + std::to_string(::getpid()));
        Folder() { fs::create_directories(path); }
        ~Folder()
        {
            std::error_code ignored;
            fs::remove_all(path, ignored);
        }
    };
    static const Folder folder;
    return folder.path;
}

} // namespace support
