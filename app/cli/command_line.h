#pragma once

#include "app/cli/command.h"

#include <vector>

namespace cli {

/// Reads the command line and runs the command that it names; gives the exit code. What is wrong with the
/// line is said on stderr; what a command throws passes through.
[[nodiscard]] int runCommandLine(const std::vector<Command>& commands, int argc, char** argv);

} // namespace cli
