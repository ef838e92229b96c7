#include "app/common/import_file.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "core/calibration/run_time_range.h"
#include "io/files/file.h"
#include "io/plans/observer_plan.h"
#include "io/plans/plan_json.h"

#include <algorithm>
#include <fmt/format.h>

namespace app {

namespace {

constexpr std::string_view kPlanFormat = "plan";

io::ImportedPlan fromObservers(const core::QuantizationPlan& base, const core::OperatorGraph& graph,
                               const std::filesystem::path& file)
{
    // A histogram is cut by what the base plan says; where that looks at samples, min and max are all that
    // the file has.
    const auto method =
        base.defaults.activation.method.value_or(core::CalibrationMethod{"minmax", std::nullopt});
    const bool isMinMax = method.name == "manual" || method.name == "written" || core::isRunTime(method);
    io::ObserverPlan read = io::planFromObservers(
        base, graph, io::readObserverFile(file),
        isMinMax ? core::CalibrationMethod{"minmax", std::nullopt} : method, file.filename().string());
    io::ImportedPlan result{std::move(read.plan), {}};
    for (std::string& warning : read.warnings) {
        result.losses.push_back({"", std::move(warning)});
    }
    return result;
}

} // namespace

std::vector<ImportFormat> importFormats()
{
    std::vector<ImportFormat> formats;
    for (const io::ExportFormat& format : io::exportFormats()) {
        if (format.read || format.name == kPlanFormat) {
            formats.push_back(
                {std::string(format.name), std::string(format.title), std::string(format.extension)});
        }
    }
    formats.push_back({std::string(kObserverFormat), "DNNLOWP observer file, min-max or histogram", ""});
    return formats;
}

io::ImportedPlan importFile(const Project& project, const core::QuantizationPlan& base,
                            std::string_view format, const std::filesystem::path& file)
{
    const auto formats = importFormats();
    if (std::ranges::find(formats, format, &ImportFormat::name) == formats.end()) {
        std::vector<std::string> names;
        std::ranges::transform(formats, std::back_inserter(names), &ImportFormat::name);
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--format: '{}' is none of {}{}", format, fmt::join(names, ", "),
                                      core::nearMisses(std::string(format), names)));
    }
    if (format == kPlanFormat) {
        return {io::readPlan(file), {}};
    }
    const auto graph = project.session->operators(base);
    if (format == kObserverFormat) {
        return fromObservers(base, *graph, file);
    }
    const std::string name = file.filename().string();
    const io::ExportFormat& known = io::exportFormat(format);
    const std::string content = io::readFile(file);
    const io::EncodingTable table = known.read(content, name, *graph);
    io::ImportedPlan imported = known.isModel
        ? io::planFrom(io::readQuantizedModel(content, name), *graph, base)
        : io::planFrom(table, *graph, base);
    if (!known.keepsActivations) {
        imported.losses.push_back({"", "only which operators stay float is taken over"});
    }
    if (known.isDnnlowp) {
        imported.losses.push_back(
            {"", "DNNLOWP's arithmetic: see rounding, requantization and accumulator of the plan"});
    }
    const auto entries = table.activations.size() + table.weights.size() + table.operators.size();
    if (entries > 0 && imported.losses.size() >= entries && imported.plan == base) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: none of its {} entries belongs to {}: {}", name, entries,
                                      project.model->file, io::toString(imported.losses.front())));
    }
    return imported;
}

} // namespace app
