#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace io {

struct CommandLimits
{
    std::chrono::milliseconds time{10'000};
    std::size_t outputBytes = std::size_t{64} << 10;
};

/// Runs a program with its arguments (no shell) in a folder, gives it `input` on standard input and returns
/// what it wrote to standard output. Standard error goes nowhere, but its end is quoted in messages. Throws
/// core::Error(Io): cannot be started, takes too long (it and its children are killed), writes too much, ends
/// with another code than 0.
[[nodiscard]] std::string runExternalCommand(const std::vector<std::string>& command,
                                             const std::filesystem::path& folder, std::string_view input,
                                             const CommandLimits& limits);

} // namespace io
