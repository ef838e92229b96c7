#include "io/plans/command_collector.h"

#include "core/base/error.h"
#include "core/plan/plan.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

core::Range parsedRange(const std::string& answer)
{
    const auto refuse = [&](std::string_view what) {
        constexpr std::size_t kMostQuoted = 80;
        std::string quoted = answer.substr(0, kMostQuoted);
        std::ranges::replace(quoted, '\n', ' ');
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}; {{\"range\": [min, max]}} is expected, '{}' came", what, quoted));
    };
    const Json json = Json::parse(answer, nullptr, false);
    if (json.is_discarded() || !json.is_object() || !json.contains("range")) {
        refuse("the answer is no such JSON");
    }
    const Json& range = json["range"];
    if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number()) {
        refuse("the range is not two numbers");
    }
    const core::Range result{range[0].get<double>(), range[1].get<double>()};
    constexpr double kMost = 3e38;
    if (!(result.min <= result.max) || std::abs(result.min) > kMost || std::abs(result.max) > kMost) {
        refuse("the range is not two ascending finite floats");
    }
    return result;
}

class CommandCollector : public core::Collector
{
public:
    CommandCollector(std::string name, std::vector<std::string> command, std::filesystem::path folder,
                     const CommandLimits& limits, std::string tensor)
        : m_name(std::move(name))
        , m_command(std::move(command))
        , m_folder(std::move(folder))
        , m_limits(limits)
        , m_tensor(std::move(tensor))
    {
    }

    void add(std::span<const float>) override { } // statistics are all it is given

    [[nodiscard]] core::Range range(const core::TensorStatistics& statistics,
                                    const core::CalibrationTarget& target) const override
    {
        const std::lock_guard lock(m_mutex);
        for (const auto& [known, range] : m_answers) {
            if (known == target) {
                return range;
            }
        }
        try {
            const std::string input = statisticsToJson(statistics, target, m_tensor);
            m_answers.emplace_back(target,
                                   parsedRange(runExternalCommand(m_command, m_folder, input, m_limits)));
        } catch (const core::Error& error) {
            throw core::Error(error.kind(),
                              fmt::format("custom collector '{}' ({}), tensor '{}': {}", m_name, m_command[0],
                                          m_tensor, error.what()));
        }
        return m_answers.back().second;
    }

    [[nodiscard]] std::size_t byteCount() const override { return sizeof(*this); }

private:
    const std::string m_name;
    const std::vector<std::string> m_command;
    const std::filesystem::path m_folder;
    const CommandLimits m_limits;
    const std::string m_tensor;
    mutable std::mutex m_mutex; // guards m_answers, and lets one command run at a time
    mutable std::vector<std::pair<core::CalibrationTarget, core::Range>> m_answers;
};

} // namespace

core::CustomMethod commandMethod(const std::string& name, const std::string& help,
                                 const std::vector<std::string>& command, const std::filesystem::path& folder,
                                 const CommandLimits& limits)
{
    return {help, [=](const std::string& tensor) -> std::unique_ptr<core::Collector> {
                return std::make_unique<CommandCollector>(name, command, folder, limits, tensor);
            }};
}

std::string statisticsToJson(const core::TensorStatistics& statistics, const core::CalibrationTarget& target,
                             const std::string& tensor)
{
    const core::Moments& m = statistics.total;
    Json json;
    json["format"] = "noisefloor-statistics/1";
    json["tensor"] = tensor;
    json["target"] = {{"scheme", core::toString(target.scheme)}, {"bits", target.bits}};
    json["samples"] = statistics.samples;
    json["count"] = m.count;
    json["zeros"] = m.zeros;
    json["nans"] = m.nans;
    json["infinities"] = m.infinities;
    json["min"] = m.min;
    json["max"] = m.max;
    json["mean"] = m.mean();
    json["variance"] = m.variance();
    // From the first to the last occupied bin; exact zeros are in none.
    const auto counts = statistics.histogram.counts();
    const auto occupied = [](std::uint64_t count) { return count > 0; };
    const auto first = std::ranges::find_if(counts, occupied);
    const auto last = std::find_if(counts.rbegin(), counts.rend(), occupied).base();
    json["histogram"] = {
        {"lowest", statistics.histogram.lowerEdge(static_cast<int>(first - counts.begin()))},
        {"bin_width", statistics.histogram.binWidth()},
        {"counts", first < last ? std::vector<std::uint64_t>(first, last) : std::vector<std::uint64_t>{}}};
    return json.dump();
}

} // namespace io
