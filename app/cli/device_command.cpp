#include "app/cli/command.h"
#include "app/cli/run_options.h"
#include "app/cli/signals.h"
#include "core/device/device_comparison.h"
#include "io/files/text_format.h"
#include "io/foreign/device_dump.h"

#include <cmath>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cli {

namespace {

struct DeviceCommand
{
    RunOptions options;
    std::string tensors;
    std::string json;
};

std::string decibels(double value)
{
    return std::isinf(value) && value > 0 ? "equal" : fmt::format("{:.1f}", value);
}

void print(const core::OperatorGraph& graph, const core::DeviceComparison& all)
{
    fmt::print("{:<32} {:<18} {:>9} {:>9} {:>9} {:>8}  {}\n", "Operator", "Type", "dB FP32", "dB int8",
               "dB own", "max LSB", "Layout");
    for (const core::DeviceRow& row : all.rows) {
        const core::Operator& op = graph.at(row.op);
        fmt::print("{:<32} {:<18} {:>9} {:>9} {:>9} {:>8.2f}  {}{}\n", op.name, op.type,
                   decibels(row.toFloatDb), decibels(row.toInt8Db), decibels(row.ownDb), row.mostLsb,
                   row.arrangement, row.departs ? "  departs" : "");
    }
    for (const std::string& note : all.notes) {
        fmt::print("note: {}\n", note);
    }
    if (!all.unmatched.empty()) {
        fmt::print("note: {} tensors are no operator's result, e.g. '{}'\n", all.unmatched.size(),
                   all.unmatched[0]);
    }
    if (!all.first) {
        fmt::print("no divergence: the device equals our int8 in {} operators ({} samples)\n",
                   all.rows.size(), all.samples);
        return;
    }
    const core::Operator& op = graph.at(*all.first);
    fmt::print("first divergence: '{}' ({}), sample {}: {}\n  {}\n  {}\n", op.name, op.type, all.firstSample,
               core::nameOf(all.divergence.kind), all.divergence.proof, all.divergence.advice);
}

std::string jsonOf(const core::OperatorGraph& graph, const core::DeviceComparison& all)
{
    nlohmann::ordered_json json{{"format", "noisefloor-device/1"},
                                {"samples", all.samples},
                                {"notes", all.notes},
                                {"unmatched", all.unmatched},
                                {"first_divergence", nullptr}};
    if (all.first) {
        json["first_divergence"] = {{"operator", graph.at(*all.first).name},
                                    {"sample", all.firstSample},
                                    {"kind", core::nameOf(all.divergence.kind)},
                                    {"proof", all.divergence.proof},
                                    {"advice", all.divergence.advice}};
    }
    json["operators"] = nlohmann::ordered_json::array();
    for (const core::DeviceRow& row : all.rows) {
        json["operators"].push_back({{"operator", graph.at(row.op).name},
                                     {"tensor", row.tensor},
                                     {"fp32_db", io::numberOrNull(row.toFloatDb)},
                                     {"int8_db", io::numberOrNull(row.toInt8Db)},
                                     {"own_db", io::numberOrNull(row.ownDb)},
                                     {"max_lsb", io::numberOrNull(row.mostLsb)},
                                     {"layout", row.arrangement},
                                     {"departs", row.departs}});
    }
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int run(const DeviceCommand& command)
{
    const auto asked = planOf(command.options);
    const app::Project project = openProject(command.options);
    const auto plan = boundTo(project, command.options, asked);
    const auto tensors = io::readDeviceDump(command.tensors);
    const auto compared =
        core::compareDevice(*project.session, *plan, tensors, interruption(), progressOf(command.options));
    if (!compared) {
        return cancelled();
    }
    const auto graph = project.session->operators(*plan);
    if (!command.options.quiet) {
        print(*graph, *compared);
    }
    if (!command.json.empty()) {
        writeOutput(command.options, command.json, jsonOf(*graph, *compared));
    }
    return Done;
}

void addOptions(Options& options, DeviceCommand& command)
{
    addRunOptions(options, command.options);
    options
        .value("--tensors", &command.tensors,
               "Tensors of the device: a folder (with index.json, Result_0 …, or .npy, .npz, .h5, .pb, .raw "
               "by name), "
               ".npz or .h5")
        .required();
    addOutput(options, command.options, "--json", command.json, "Write the comparison as JSON");
}

} // namespace

Command deviceCommand()
{
    return makeCommand<DeviceCommand>(
        "device", "Compare tensors that a device wrote with FP32 and int8: the first divergence and its kind",
        addOptions, run);
}

} // namespace cli
