#include "io/plans/settings.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/files/file.h"
#include "io/files/text_format.h"
#include "io/plans/command_collector.h"
#include "io/plans/command_metric.h"
#include "io/plans/plugin_collectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
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

    core::CustomMethods methods() const
    {
        const ReadJson json = root();
        core::CustomMethods methods;
        if (!json.contains("collectors")) {
            return methods;
        }
        const ReadJson& collectors = json["collectors"];
        requireKeys(collectors, "collectors", {"folder", "commands"});
        if (collectors.contains("folder")) {
            methods = loadPluginCollectors(m_folder / text(collectors["folder"], "collectors.folder"));
        }
        for (const auto& [name, command] : commandsOf(collectors, "collectors")) {
            addMethod(methods, name, command);
        }
        return methods;
    }

    core::CustomMetrics metrics() const
    {
        const ReadJson json = root();
        core::CustomMetrics metrics;
        if (!json.contains("metrics")) {
            return metrics;
        }
        requireKeys(json["metrics"], "metrics", {"commands"});
        for (const auto& [name, command] : commandsOf(json["metrics"], "metrics")) {
            addMetric(metrics, name, command);
        }
        return metrics;
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

    ReadJson root() const
    {
        constexpr std::size_t kMostBytes = std::size_t{1} << 20;
        ReadJson json = parseJson(readFile(m_file, kMostBytes), m_file.string());
        requireKeys(json, "", {"format", "collectors", "metrics"});
        if (!json.contains("format") || json["format"] != "noisefloor-settings/1") {
            refuse("\"format\": \"noisefloor-settings/1\" is expected");
        }
        return json;
    }

    std::map<std::string, ReadJson> commandsOf(const ReadJson& json, const std::string& where) const
    {
        if (!json.contains("commands")) {
            return {};
        }
        if (!json["commands"].is_object()) {
            refuse(where + ".commands: an object is expected");
        }
        std::map<std::string, ReadJson> commands;
        for (const auto& [name, command] : json["commands"].items()) {
            commands.emplace(name, command);
        }
        return commands;
    }

    std::vector<std::string> wordsOf(const ReadJson& json, const std::string& where) const
    {
        if (!json.contains("command") || !json["command"].is_array() || json["command"].empty()) {
            refuse(where + ": \"command\": [\"program\", \"argument\", …] is expected");
        }
        std::vector<std::string> command;
        for (const ReadJson& word : json["command"]) {
            command.push_back(text(word, where + ".command"));
        }
        return command;
    }

    CommandLimits limitsOf(const ReadJson& json, const std::string& where) const
    {
        CommandLimits limits;
        if (json.contains("timeout_s")) {
            const double seconds = json["timeout_s"].is_number() ? json["timeout_s"].get<double>() : 0.0;
            if (!(seconds > 0.0 && seconds <= kLongestSeconds)) {
                refuse(fmt::format("{}.timeout_s: seconds up to {} are expected", where, kLongestSeconds));
            }
            limits.time =
                std::chrono::milliseconds(static_cast<std::int64_t>(std::max(1.0, seconds * 1000.0)));
        }
        return limits;
    }

    void addMethod(core::CustomMethods& methods, const std::string& name, const ReadJson& json) const
    {
        const std::string where = "collectors.commands." + name;
        try {
            (void)core::parseCalibrationMethod(std::string(core::kCustomPrefix) + name);
        } catch (const core::Error& error) {
            refuse(where + ": " + error.what());
        }
        requireKeys(json, where, {"command", "timeout_s", "help"});
        const auto command = wordsOf(json, where);
        const std::string help = json.contains("help") ? text(json["help"], where + ".help") : "";
        if (!methods.try_emplace(name, commandMethod(name, help, command, m_folder, limitsOf(json, where)))
                 .second) {
            refuse(fmt::format("{}: a library has a collector of that name, too", where));
        }
    }

    void addMetric(core::CustomMetrics& metrics, const std::string& name, const ReadJson& json) const
    {
        const std::string where = "metrics.commands." + name;
        const auto isLetter = [](char c) { return c >= 'a' && c <= 'z'; };
        const auto isWord = [&](char c) { return isLetter(c) || c == '_' || (c >= '0' && c <= '9'); };
        if (name.empty() || !isLetter(name[0]) || !std::ranges::all_of(name, isWord)) {
            refuse(where + ": a name of small letters, digits and _ is expected");
        }
        requireKeys(json, where, {"command", "timeout_s", "title", "unit", "higher_is_better"});
        CommandMetricSettings settings;
        settings.name = name;
        settings.command = wordsOf(json, where);
        settings.folder = m_folder;
        settings.limits = limitsOf(json, where);
        settings.title = json.contains("title") ? text(json["title"], where + ".title") : name;
        settings.unit = json.contains("unit") ? text(json["unit"], where + ".unit") : "";
        if (json.contains("higher_is_better")) {
            if (!json["higher_is_better"].is_boolean()) {
                refuse(where + ".higher_is_better: true or false is expected");
            }
            settings.higherIsBetter = json["higher_is_better"].get<bool>();
        }
        metrics.emplace(name, makeCommandMetric(settings));
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

core::CustomMethods customMethodsOf(const std::filesystem::path& settings)
{
    return Reader(settings).methods();
}

core::CustomMetrics customMetricsOf(const std::filesystem::path& settings)
{
    return Reader(settings).metrics();
}

} // namespace io
