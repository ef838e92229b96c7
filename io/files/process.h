#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace io {

struct ProcessResult
{
    int exitCode = 0; ///< 128 + signal when a signal ended it
    std::string out;
    std::string err;
    std::int64_t peakBytes = 0; ///< largest resident memory
};

/// Runs a program (searched in PATH) to its end, without a shell.
/// Throws core::Error(Io) when it cannot be started.
[[nodiscard]] ProcessResult runProcess(const std::vector<std::string>& arguments);

/// The first program of that name in PATH; empty when there is none.
[[nodiscard]] std::filesystem::path findProgram(const std::string& name);

} // namespace io
