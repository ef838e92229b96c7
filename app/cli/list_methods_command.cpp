#include "app/cli/options.h"
#include "core/calibration/collector.h"

#include <fmt/core.h>

namespace cli {

namespace {

void printMethod(const std::string& name, const std::string& help) { fmt::print("{:<24}{}\n", name, help); }

int run(const std::string& collectors)
{
    for (const auto& method : core::calibrationMethods()) {
        std::string name(method.name);
        if (!method.alias.empty()) {
            name += fmt::format(" ({})", method.alias);
        }
        if (method.parameter) {
            name += fmt::format(":{}", *method.parameter);
        }
        printMethod(name, std::string(method.help) + (method.collect ? " [in data order]" : ""));
    }
    for (const auto& [name, method] : app::userMethods(collectors)) {
        printMethod(std::string(core::kCustomPrefix) + name, method.help);
    }
    return Done;
}

} // namespace

void addListMethods(CLI::App& app, int& exitCode)
{
    auto collectors = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand(
        "list-methods", "Every calibration method, with its default parameter and one line of help");
    sub->add_option("--collectors", *collectors, "Settings file with collectors of your own");
    sub->callback([collectors, &exitCode] { exitCode = run(*collectors); });
}

} // namespace cli
