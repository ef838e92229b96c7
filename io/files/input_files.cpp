#include "io/files/input_files.h"

#include <atomic>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace io {

namespace {

using FileKey = std::pair<dev_t, ino_t>;

struct Registry
{
    std::mutex mutex; // guards keys
    std::set<FileKey> keys;
    std::atomic<bool> isProtected = false;
};

/// Files are read until the very end of the process: never destroyed.
Registry& registry()
{
    static auto* const all = new Registry;
    return *all;
}

void note(const struct stat& status)
{
    if (S_ISREG(status.st_mode)) {
        const std::lock_guard lock(registry().mutex);
        registry().keys.emplace(status.st_dev, status.st_ino);
    }
}

} // namespace

void noteInput(int descriptor)
{
    struct stat status
    {
    };
    if (::fstat(descriptor, &status) == 0) {
        note(status);
    }
}

void noteInput(const std::filesystem::path& path)
{
    struct stat status
    {
    };
    if (::stat(path.c_str(), &status) == 0) {
        note(status);
    }
}

bool isInput(const std::filesystem::path& path)
{
    struct stat status
    {
    };
    if (::stat(path.c_str(), &status) != 0) {
        return false;
    }
    const std::lock_guard lock(registry().mutex);
    return registry().keys.contains({status.st_dev, status.st_ino});
}

void protectInputs() { registry().isProtected = true; }

bool inputsAreProtected() { return registry().isProtected; }

} // namespace io
