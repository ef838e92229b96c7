#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

/// SQNR in dB by output tensor: the worst red, the best green.
Export writeModelExplorer(const ExportSource& source)
{
    if (!source.report) {
        throw core::Error(core::ErrorKind::Usage, "model-explorer shows errors: run the plan first");
    }
    Export result;
    const auto data = [&](auto metrics) {
        Json results = Json::object();
        for (const auto& layer : source.report->layers) {
            const std::optional<core::ErrorMetrics>& m = metrics(*layer);
            if (m && m->sqnrDb) {
                results[layer->output] = {{"value", *m->sqnrDb}};
            }
        }
        return Json{{"results", std::move(results)},
                    {"gradient", {{{"stop", 0}, {"bgColor", "red"}}, {{"stop", 1}, {"bgColor", "green"}}}}};
    };
    const Json json{{"main", data([](const core::LayerReport& l) -> const auto& { return l.isolated; })}};
    const Json accumulated{
        {"main", data([](const core::LayerReport& l) -> const auto& { return l.accumulated; })}};
    result.files = {{"", json.dump(1) + "\n"}, {".accumulated.json", accumulated.dump(1) + "\n"}};
    result.losses = {
        {"", "settings: node data shows the isolated SQNR of every operator, it configures nothing"}};
    for (const auto& layer : source.report->layers) {
        if (layer->isolated && !layer->isolated->sqnrDb) {
            result.losses.push_back({layer->name, "no error, so no value: infinite dB has no number"});
        }
    }
    return result;
}

} // namespace

ExportFormat modelExplorerFormat()
{
    return {.name = "model-explorer",
            .title = "Model Explorer node data",
            .extension = ".nodedata.json",
            .help = "a heat map of SQNR in Google's Model Explorer",
            .needsReport = true,
            .keepsRepairs = true,
            .keepsEverything = true,
            .write = writeModelExplorer};
}

} // namespace io
