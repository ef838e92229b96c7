#pragma once

#include <stop_token>

namespace cli {

/// From here on a signal is noticed; for the start of the process.
void watchSignals();

/// Set by Ctrl-C, SIGTERM and SIGHUP. A command that asks for it ends by itself; any other is ended.
[[nodiscard]] std::stop_token interruption();

/// Says that the command was stopped; its exit code.
[[nodiscard]] int cancelled();

} // namespace cli
