// The one reader of CLI11, whose header takes long to compile.
#include "app/cli/command_line.h"

#include "core/base/error.h"
#include "core/base/printable.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/core.h>
#include <type_traits>

namespace cli {

namespace {

struct Checker
{
    CLI::Option& option;
    void operator()(std::monostate) const { }
    template <typename Number>
    void operator()(const Within<Number>& range) const
    {
        option.check(CLI::Range(range.least, range.most));
    }
    void operator()(Positive) const { option.check(CLI::PositiveNumber); }
    void operator()(NotNegative) const { option.check(CLI::NonNegativeNumber); }
    void operator()(const OneOf& one) const { option.check(CLI::IsMember(one.words)); }
};

template <typename Target>
CLI::Option* added(CLI::App& app, const Option& option, Target& target)
{
    if constexpr (std::is_same_v<Target, bool>) {
        return app.add_flag(option.name, target, option.help);
    } else if constexpr (std::is_same_v<Target, std::vector<std::string>>) {
        return app.add_option(option.name, target, option.help)->take_all();
    } else {
        return app.add_option(option.name, target, option.help);
    }
}

void add(CLI::App& app, const Option& option)
{
    CLI::Option* const read =
        std::visit([&](auto* target) { return added(app, option, *target); }, option.target);
    std::visit(Checker{*read}, option.check);
    read->required(option.isRequired);
    if (option.separator != 0) {
        read->delimiter(option.separator);
    }
}

void add(CLI::App& app, const Command& command, int& exitCode)
{
    CLI::App* const sub = app.add_subcommand(command.name, command.help);
    if (!command.subjects.empty()) {
        sub->require_subcommand(0, 1);
        sub->callback([sub] {
            if (sub->get_subcommands().empty()) {
                fmt::print("{}", sub->help()); // lists the subjects
            }
        });
        for (const Command& subject : command.subjects) {
            add(*sub, subject, exitCode);
        }
        return;
    }
    Options options;
    const auto run = command.prepare(options);
    for (const Option& option : options.all()) {
        add(*sub, option);
    }
    sub->callback([run, &exitCode] { exitCode = run(); });
}

/// What is wrong with a model shows while it runs, too, far from its name.
std::string namingModel(const CLI::App& app, const core::Error& error)
{
    const std::string message = error.what();
    const auto commands = app.get_subcommands();
    const CLI::Option* option = commands.empty() ? nullptr : commands.front()->get_option_no_throw("model");
    const bool isOfModel =
        error.kind() == core::ErrorKind::InvalidModel || error.kind() == core::ErrorKind::UnsupportedOperator;
    if (!isOfModel || option == nullptr || option->count() == 0) {
        return message;
    }
    const std::string file = std::filesystem::path(option->results().front()).filename().string();
    return message.find(file) != std::string::npos ? message : file + ": " + message;
}

} // namespace

int runCommandLine(const std::vector<Command>& commands, int argc, char** argv)
{
    CLI::App app{"Finds where a neural network loses accuracy when it is quantized", "noisefloor-cli"};
    app.require_subcommand(1);
    int exitCode = Done;
    for (const Command& command : commands) {
        add(app, command, exitCode);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error); // --help
        }
        fmt::print(stderr, "noisefloor-cli: {}\n", core::printable(error.what()));
        return UsageError;
    } catch (const core::Error& error) {
        throw core::Error(error.kind(), namingModel(app, error));
    }
    return exitCode;
}

} // namespace cli
