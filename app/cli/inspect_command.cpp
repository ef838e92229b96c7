#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "core/base/error.h"
#include "core/graph/expansion.h"
#include "core/graph/operator_registry.h"
#include "io/onnx/onnx_reader.h"

#include <fmt/core.h>
#include <map>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

using Json = nlohmann::ordered_json;

struct InspectCommand
{
    RunOptions options;
    std::string json;
};

Json shapeToJson(const core::Value& value)
{
    if (!value.hasShape) {
        return nullptr;
    }
    Json json = Json::array();
    for (std::size_t axis = 0; axis < value.shape.size(); ++axis) {
        const bool isNamed = axis < value.dimensionNames.size() && !value.dimensionNames[axis].empty();
        const std::string open = isNamed ? value.dimensionNames[axis] : "?";
        json.push_back(value.shape[axis] < 0 ? Json(open) : Json(value.shape[axis]));
    }
    return json;
}

Json valuesToJson(const core::Graph& graph, const std::vector<core::ValueId>& ids)
{
    Json json = Json::array();
    for (const core::ValueId id : ids) {
        const core::Value& value = graph.value(id);
        json.push_back(
            {{"name", value.name}, {"type", core::nameOf(value.type)}, {"shape", shapeToJson(value)}});
    }
    return json;
}

Json inspect(const io::OnnxModel& model)
{
    std::map<std::string, int> types;
    std::map<std::string, int> unknown;
    for (const core::Node& node : model.graph.nodes()) {
        const std::string type = node.domain.empty() ? node.type : node.domain + "." + node.type;
        ++types[type];
        if (node.type != "If" && !core::findOperator(node.domain, node.type)
            && !core::findExpansion(node.domain, node.type)) {
            ++unknown[type];
        }
    }
    std::int64_t parameters = 0;
    std::size_t bytes = 0;
    for (const core::Value& value : model.graph.values()) {
        if (value.constant) {
            parameters += value.constant->count();
            bytes += value.constant->byteCount();
        }
    }
    Json json;
    json["file"] = model.file;
    json["sha256"] = model.sha256;
    json["ir_version"] = model.irVersion;
    json["producer"] = model.producer;
    json["opsets"] = model.opsets;
    json["nodes"] = model.nodes;
    json["parameters"] = parameters;
    json["parameter_bytes"] = bytes;
    json["inputs"] = valuesToJson(model.graph, model.graph.inputs());
    json["outputs"] = valuesToJson(model.graph, model.graph.outputs());
    json["operators"] = types;
    json["unknown_operators"] = unknown;
    return json;
}

void print(const Json& json)
{
    fmt::print("{}: {} nodes, {} parameters ({} bytes), IR {}, opset {}\n", json["file"].get<std::string>(),
               json["nodes"].get<std::size_t>(), json["parameters"].get<std::int64_t>(),
               json["parameter_bytes"].get<std::size_t>(), json["ir_version"].get<int>(),
               json["opsets"].value("", 0));
    for (const char* side : {"inputs", "outputs"}) {
        for (const Json& value : json[side]) {
            fmt::print("{:<8} {} {} {}\n", std::string(side).substr(0, std::string(side).size() - 1),
                       value["name"].get<std::string>(), value["type"].get<std::string>(),
                       value["shape"].dump());
        }
    }
    for (const auto& [type, count] : json["operators"].items()) {
        fmt::print("{:>6} x {}{}\n", count.get<int>(), type,
                   json["unknown_operators"].contains(type) ? "   (unknown: cannot run)" : "");
    }
}

int run(const InspectCommand& command)
{
    claimOutputs(command.options);
    const Json json = inspect(io::readOnnx(command.options.model));
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, json.dump(1) + "\n");
    } else if (!command.options.quiet) {
        print(json);
    }
    return Done;
}

void addOptions(Options& options, InspectCommand& command)
{
    addModel(options, command.options);
    addOutput(options, command.options, "--json", command.json, "Write the same as JSON");
}

} // namespace

Command inspectCommand()
{
    return makeCommand<InspectCommand>("inspect", "Show what a model holds and what of it cannot run",
                                       addOptions, run);
}

} // namespace cli
