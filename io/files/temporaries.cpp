#include "io/files/temporaries.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <random>
#include <set>
#include <unistd.h>
#include <utility>

namespace io {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMark = ".noisefloor-";

struct Registry
{
    std::mutex placing;
    std::mutex mutex; // guards paths
    std::set<fs::path> paths;
};

/// Never destroyed: the process may end by a signal after its statics are gone.
Registry& registry()
{
    static auto* const all = new Registry;
    return *all;
}

std::string hostMark()
{
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return fmt::format("{:08x}", static_cast<std::uint32_t>(std::hash<std::string_view>{}(name.data())));
}

std::string prefixOf(std::string_view prefix)
{
    constexpr std::size_t kMost = 180; // names end at 255 bytes
    return std::string(prefix.substr(0, kMost)) + std::string(kMark) + hostMark() + "-";
}

/// Of a name that starts with prefixOf(): the process; 0 where it is none.
pid_t processIn(std::string_view rest)
{
    pid_t process = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), process);
    const bool isWhole = error == std::errc{} && end != rest.data() + rest.size() && *end == '-';
    return isWhole && process > 0 ? process : 0;
}

bool isDead(pid_t process) { return ::kill(process, 0) != 0 && errno == ESRCH; }

} // namespace

std::string temporaryName(std::string_view prefix)
{
    std::random_device random;
    return fmt::format("{}{}-{:08x}", prefixOf(prefix), ::getpid(), random());
}

void removeDeadTemporaries(const fs::path& folder, std::string_view prefix)
{
    const std::string start = prefixOf(prefix);
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (name.starts_with(start)) {
            const pid_t process = processIn(std::string_view(name).substr(start.size()));
            if (process != 0 && isDead(process)) {
                std::error_code left;
                fs::remove_all(it->path(), left);
            }
        }
    }
}

TemporaryPath::TemporaryPath(fs::path path)
    : m_path(std::move(path))
{
    const std::lock_guard lock(registry().mutex);
    registry().paths.insert(m_path);
}

TemporaryPath::~TemporaryPath()
{
    if (!m_isReleased) {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
        release();
    }
}

void TemporaryPath::release()
{
    m_isReleased = true;
    const std::lock_guard lock(registry().mutex);
    registry().paths.erase(m_path);
}

std::unique_lock<std::mutex> placingFiles() { return std::unique_lock(registry().placing); }

void removeTemporaries()
{
    placingFiles().release(); // for good
    const std::lock_guard lock(registry().mutex);
    for (const fs::path& path : registry().paths) {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    registry().paths.clear();
}

} // namespace io
