#include "io/exports/definitions.h"
#include "io/exports/support.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNncfLoader = R"py(# nncf.quantize(model, dataset, ignored_scope=load("FILE.json"))
import json
import nncf


def load(path):
    with open(path) as file:
        return nncf.IgnoredScope(**json.load(file))
)py";

Export writeOpenvinoNncf(const ExportSource& source)
{
    const EncodingTable table = encodingTable(*source.graph, *source.resolved);
    Json names = Json::array();
    for (const OperatorEncoding& op : table.operators) {
        if (op.isFloat) {
            for (const std::string& node : op.nodes) {
                names.push_back(node);
            }
        }
    }
    const Json json{{"names", std::move(names)},
                    {"patterns", Json::array()},
                    {"types", Json::array()},
                    {"subgraphs", Json::array()},
                    {"validate", true}};
    return {{{"", json.dump(1) + "\n"}, {".loader.py", std::string(kNncfLoader)}},
            {{"",
              "thresholds, methods, schemes and granularity: NNCF calibrates anew; only which nodes stay "
              "float is taken over"}}};
}

EncodingTable readOpenvinoNncf(std::string_view content, std::string_view file, const core::OperatorGraph&)
{
    const ReadJson json = parseJson(content, file);
    if (!json.is_object() || !json.contains("names") || !json["names"].is_array()) {
        throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: no list of names", file));
    }
    EncodingTable table;
    for (const ReadJson& name : json["names"]) {
        if (name.is_string()) {
            table.operators.push_back({name.get<std::string>(), {}, {}, true, {}, false, {}});
        }
    }
    return table;
}

} // namespace

ExportFormat openvinoNncfFormat()
{
    return {.name = "openvino-nncf",
            .title = "OpenVINO NNCF ignored scope",
            .extension = ".ignored.json",
            .help = "nncf.quantize through the loader beside it",
            .keepsActivations = false,
            .keepsWeights = false,
            .write = writeOpenvinoNncf,
            .read = readOpenvinoNncf};
}

} // namespace io
