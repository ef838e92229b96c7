#include "core/base/error.h"
#include "tests/fuzz_targets/fuzz_target.h"
#include "tests/support/mutant.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// The entry points of the fuzz targets, driven without coverage: seeded mutants of whole files, in a child
// process with a cap on time and memory.

namespace {

using fuzz_targets::FuzzTarget;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsMemory = false; // its shadow takes terabytes of addresses
#else
constexpr bool kLimitsMemory = true;
#endif
constexpr rlim_t kMostMemory = rlim_t{4} << 30;
constexpr unsigned kMostSeconds = 5; // for one mutant

/// A mutant that a child process did not survive: its number and its end; nothing: all were survived.
std::string firstFault(const FuzzTarget& target, int count, std::uint32_t seed)
{
    int pipes[2];
    EXPECT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        if (kLimitsMemory) {
            const rlimit limit{kMostMemory, kMostMemory};
            ::setrlimit(RLIMIT_AS, &limit);
        }
        std::mt19937 random(seed);
        for (int i = 0; i < count; ++i) {
            const std::string bytes = support::mutant(target.seeds, random);
            static_cast<void>(::write(pipes[1], &i, sizeof(i)));
            const itimerval limit{{0, 0},
                                  {kMostSeconds, 0}}; // of processor time, however busy the machine is
            ::setitimer(ITIMER_PROF, &limit, nullptr);
            ::alarm(20 * kMostSeconds);
            try {
                fuzz_targets::run(target, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
            } catch (const std::exception& error) {
                if (const char* folder = std::getenv("NOISEFLOOR_KEEP_MUTANTS")) {
                    std::FILE* file =
                        std::fopen(fmt::format("{}/{}_{}", folder, target.name, i).c_str(), "wb");
                    std::fwrite(bytes.data(), 1, bytes.size(), file);
                    std::fclose(file);
                }
                std::fprintf(stderr, "%s %d: %s\n", target.name.c_str(), i, error.what());
                ::_exit(9);
            }
        }
        ::alarm(0);
        ::_exit(0);
    }
    ::close(pipes[1]);
    int last = -1;
    for (int i = 0; ::read(pipes[0], &i, sizeof(i)) == sizeof(i);) {
        last = i;
    }
    ::close(pipes[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {};
    }
    return fmt::format("mutant {} of seed {}: {}", last, seed,
                       WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                           : fmt::format("exit {}", WEXITSTATUS(status)));
}

class FuzzTargets : public testing::TestWithParam<std::string>
{
};

TEST_P(FuzzTargets, SeedsAreReadAndMutantsAreReadOrRefused)
{
    const FuzzTarget& target = fuzz_targets::fuzzTarget(GetParam());
    if (target.seeds.empty()) {
        GTEST_SKIP() << "no seeds: set NOISEFLOOR_SHARED";
    }
    int whole = 0;
    std::string refused;
    for (const std::string& seed : target.seeds) {
        try {
            target.read(seed);
            ++whole;
        } catch (const core::Error& error) {
            refused = error.what();
        }
    }
    EXPECT_GT(2 * whole, static_cast<int>(target.seeds.size()))
        << "most seeds are whole files; one is not: " << refused;
    const int count = std::getenv("NOISEFLOOR_LONG") ? 20000 : 500;
    EXPECT_EQ(firstFault(target, count, 17), "");
}

std::vector<std::string> names()
{
    std::vector<std::string> all;
    for (const FuzzTarget& target : fuzz_targets::fuzzTargets()) {
        all.push_back(target.name);
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Readers, FuzzTargets, testing::ValuesIn(names()), [](const auto& target) {
    std::string name = target.param;
    std::ranges::replace_if(
        name, [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
});

} // namespace
