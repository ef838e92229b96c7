#include "io/plans/settings.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/files/file.h"
#include "io/files/text_format.h"
#include "io/plans/command_collector.h"
#include "io/plans/plugin_collectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace io {

namespace {

constexpr double kLongestSeconds = 600.0;

/// One settings file while it is read; knows its name, for messages.
class Reader
{
public:
    explicit Reader(std::filesystem::path file)
        : m_file(std::move(file))
        , m_folder(std::filesystem::absolute(m_file).parent_path())
    {
    }

    core::CustomMethods read()
    {
        constexpr std::size_t kMostBytes = std::size_t{1} << 20;
        const ReadJson json = parseJson(readFile(m_file, kMostBytes), m_file.string());
        requireKeys(json, "", {"format", "collectors"});
        if (!json.contains("format") || json["format"] != "noisefloor-settings/1") {
            refuse("\"format\": \"noisefloor-settings/1\" is expected");
        }
        core::CustomMethods methods;
        if (!json.contains("collectors")) {
            return methods;
        }
        const ReadJson& collectors = json["collectors"];
        requireKeys(collectors, "collectors", {"folder", "commands"});
        if (collectors.contains("folder")) {
            methods = loadPluginCollectors(m_folder / text(collectors["folder"], "collectors.folder"));
        }
        if (collectors.contains("commands")) {
            if (!collectors["commands"].is_object()) {
                refuse("collectors.commands: an object is expected");
            }
            for (const auto& [name, command] : collectors["commands"].items()) {
                addCommand(methods, name, command);
            }
        }
        return methods;
    }

private:
    [[noreturn]] void refuse(std::string_view what) const
    {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}", m_file.string(), what));
    }

    void requireKeys(const ReadJson& json, const std::string& where,
                     const std::vector<std::string>& keys) const
    {
        const std::string prefix = where.empty() ? "" : where + ": ";
        if (!json.is_object()) {
            refuse(prefix + "an object is expected");
        }
        for (const auto& [key, value] : json.items()) {
            if (std::ranges::find(keys, key) == keys.end()) {
                refuse(fmt::format("{}key '{}' is unknown{}; there are {}", prefix, key,
                                   core::nearMisses(key, keys), fmt::join(keys, ", ")));
            }
        }
    }

    std::string text(const ReadJson& json, const std::string& where) const
    {
        if (!json.is_string() || json.get<std::string>().empty()) {
            refuse(where + ": text is expected");
        }
        return json.get<std::string>();
    }

    void addCommand(core::CustomMethods& methods, const std::string& name, const ReadJson& json) const
    {
        const std::string where = "collectors.commands." + name;
        try {
            (void)core::parseCalibrationMethod(std::string(core::kCustomPrefix) + name);
        } catch (const core::Error& error) {
            refuse(where + ": " + error.what());
        }
        requireKeys(json, where, {"command", "timeout_s", "help"});
        if (!json.contains("command") || !json["command"].is_array() || json["command"].empty()) {
            refuse(where + ": \"command\": [\"program\", \"argument\", …] is expected");
        }
        std::vector<std::string> command;
        for (const ReadJson& word : json["command"]) {
            command.push_back(text(word, where + ".command"));
        }
        CommandLimits limits;
        if (json.contains("timeout_s")) {
            const double seconds = json["timeout_s"].is_number() ? json["timeout_s"].get<double>() : 0.0;
            if (!(seconds > 0.0 && seconds <= kLongestSeconds)) {
                refuse(fmt::format("{}.timeout_s: seconds up to {} are expected", where, kLongestSeconds));
            }
            limits.time =
                std::chrono::milliseconds(static_cast<std::int64_t>(std::max(1.0, seconds * 1000.0)));
        }
        const std::string help = json.contains("help") ? text(json["help"], where + ".help") : "";
        if (!methods.try_emplace(name, commandMethod(name, help, command, m_folder, limits)).second) {
            refuse(fmt::format("{}: a library has a collector of that name, too", where));
        }
    }

    std::filesystem::path m_file;
    std::filesystem::path m_folder;
};

} // namespace

std::filesystem::path settingsPath()
{
    if (const char* file = std::getenv("NOISEFLOOR_SETTINGS"); file && *file) {
        return file;
    }
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder && *folder) {
        return std::filesystem::path(folder) / "noisefloor" / "settings.json";
    }
    if (const char* home = std::getenv("HOME"); home && *home) {
        return std::filesystem::path(home) / ".config" / "noisefloor" / "settings.json";
    }
    return {};
}

core::CustomMethods customMethodsOf(const std::filesystem::path& settings) { return Reader(settings).read(); }

} // namespace io
