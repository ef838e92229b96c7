#include "app/cli/command.h"
#include "app/common/project.h"
#include "core/calibration/collector.h"

#include <fmt/core.h>

namespace cli {

namespace {

struct ListMethodsCommand
{
    std::string collectors;
};

void printMethod(const std::string& name, const std::string& help) { fmt::print("{:<24}{}\n", name, help); }

int run(const ListMethodsCommand& command)
{
    for (const auto& method : core::calibrationMethods()) {
        std::string name(method.name);
        if (!method.alias.empty()) {
            name += fmt::format(" ({})", method.alias);
        }
        if (method.parameter) {
            name += fmt::format(":{}", *method.parameter);
        }
        printMethod(name,
                    std::string(method.help) + (method.collect ? " [in data order]" : "")
                        + (method.isByName ? " [by name only]" : ""));
    }
    for (const auto& [name, method] : app::userMethods(command.collectors)) {
        printMethod(std::string(core::kCustomPrefix) + name, method.help);
    }
    return Done;
}

void addOptions(Options& options, ListMethodsCommand& command)
{
    options.value("--collectors", &command.collectors, "Settings file with collectors of your own");
}

} // namespace

Command listMethodsCommand()
{
    return makeCommand<ListMethodsCommand>(
        "list-methods", "Every calibration method, with its default parameter and one line of help",
        addOptions, run);
}

} // namespace cli
