#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
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

class ExternalProgram;

/// A program that is kept running and answers one line for each line it is given: started when first asked,
/// killed with this object, started anew after an error. Errors as above; the time is that of one answer.
class CommandConversation
{
public:
    CommandConversation(std::vector<std::string> command, std::filesystem::path folder,
                        const CommandLimits& limits);
    ~CommandConversation();
    CommandConversation(const CommandConversation&) = delete;
    CommandConversation& operator=(const CommandConversation&) = delete;

    /// `line` holds no end of line, nor does what comes back.
    [[nodiscard]] std::string ask(const std::string& line);

private:
    std::vector<std::string> m_command;
    std::filesystem::path m_folder;
    CommandLimits m_limits;
    std::unique_ptr<ExternalProgram> m_program;
};

} // namespace io
