#include "tests/support/shared_files.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

pid_t start(const std::vector<std::string>& arguments)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const int nothing = ::open("/dev/null", O_WRONLY);
        ::dup2(nothing, STDOUT_FILENO);
        ::dup2(nothing, STDERR_FILENO);
        std::vector<char*> argv{const_cast<char*>(NOISEFLOOR_CLI)};
        for (const std::string& argument : arguments) {
            argv.push_back(const_cast<char*>(argument.c_str()));
        }
        argv.push_back(nullptr);
        ::execv(NOISEFLOOR_CLI, argv.data());
        ::_exit(127);
    }
    return child;
}

class Signal : public testing::TestWithParam<int>
{
};

/// Any command, at any moment, ends with its own code and leaves no temporary file.
TEST_P(Signal, EndsWithTheCodeForCancelledWithinASecond)
{
    const fs::path model = support::projectFile("resources/sample/digits.onnx");
    const fs::path data = support::projectFile("resources/sample/sample.data.json");
    const fs::path folder = support::temporaryFolder();
    for (const int milliseconds : {60, 200, 500, 900}) {
        const pid_t child = start({"calibrate", model.string(), "--data", data.string(), "--methods", "all",
                                   "--thresholds", (folder / "thresholds.json").string()});
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        const auto asked = Clock::now();
        ::kill(child, GetParam());
        int status = 0;
        ::waitpid(child, &status, 0);
        const auto took = Clock::now() - asked;
        if (WIFSIGNALED(status)
            && milliseconds <= 200) { // before main() on a busy machine: nothing was begun
            EXPECT_EQ(WTERMSIG(status), GetParam());
            EXPECT_TRUE(fs::is_empty(folder));
            continue;
        }
        ASSERT_TRUE(WIFEXITED(status)) << "by signal " << WTERMSIG(status);
        EXPECT_TRUE(WEXITSTATUS(status) == 4 || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
        EXPECT_LT(took, std::chrono::seconds(2)); // a second, on a machine that does other work, too
        for (const auto& entry : fs::directory_iterator(folder)) {
            EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Signals, Signal, testing::Values(SIGINT, SIGTERM, SIGHUP));

} // namespace
