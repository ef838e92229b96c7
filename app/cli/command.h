#pragma once

#include "app/cli/options.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Exit codes of noisefloor-cli.
enum ExitCode : int
{
    Done = 0,
    CheckFailed = 1, ///< a --fail-if held, or a verify or conformance failed
    UsageError = 2,
    BadInput = 3,
    Cancelled = 4,
    Internal = 5,
};

/// A row of the table of commands.
struct Command
{
    std::string name;
    std::string help; ///< one line
    /// Adds the options and returns what runs with their values; that gives the exit code, or throws.
    std::function<std::function<int()>(Options&)> prepare;
    std::vector<Command> subjects{}; ///< where there are some, one has to be named and is what runs
};

/// A command whose options fill `Arguments`.
template <typename Arguments>
[[nodiscard]] Command makeCommand(std::string name, std::string help,
                                  void (*addOptions)(Options&, Arguments&), int (*run)(const Arguments&))
{
    return {std::move(name), std::move(help), [addOptions, run](Options& options) -> std::function<int()> {
                const auto arguments = std::make_shared<Arguments>();
                addOptions(options, *arguments);
                return [run, arguments] { return run(*arguments); };
            }};
}

/// Every command, in the order of the help.
[[nodiscard]] std::vector<Command> commands();

} // namespace cli
