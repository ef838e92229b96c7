#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"
#include "tests/support/two_products.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

// Faults of the disk and of the allocator, one at each call of a stride, over whole commands: clear error and
// exit code, outputs old or new as a whole, inputs as they were, nothing left beside them.

namespace {

namespace fs = std::filesystem;

struct Command
{
    const char* name;
    std::string program;
    std::string arguments;
    std::vector<std::string> outputs;
};

bool isLong() { return std::getenv("NOISEFLOOR_LONG") != nullptr; }

class Faults : public testing::TestWithParam<Command>
{
protected:
    Faults()
        : m_folder(support::temporaryFolder() / "faults")
    {
        fs::remove_all(m_folder);
        fs::create_directories(m_folder);
        const std::vector<float> numbers = support::fewNumbers();
        io::writeFileAtomically(m_folder / "m.onnx", support::twoProducts());
        io::writeFileAtomically(
            m_folder / "x.npy",
            io::tensorToNpy(core::makeTensor<float>({8, 8}, std::span<const float>(numbers))));
    }

    std::map<std::string, std::string> contents() const
    {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(m_folder)) {
            files[entry.path().filename().string()] = io::readFile(entry.path());
        }
        return files;
    }

    struct Ran
    {
        int exitCode = -1;
        bool hasStruck = false;
        std::string errors;
    };

    Ran run(const Command& command, const std::string& fault) const
    {
        const fs::path beside = support::temporaryFolder();
        const fs::path mark = beside / "struck";
        fs::remove(mark);
        const std::string line = fmt::format(
            "cd '{}'; timeout 60 env NOISEFLOOR_FAULT={} NOISEFLOOR_FAULT_MARK='{}' LD_PRELOAD='{}' "
            "'{}' {} >'{}' 2>'{}'",
            m_folder.string(), fault, mark.string(), NOISEFLOOR_FAULT_HOOKS, command.program,
            command.arguments, (beside / "out.txt").string(), (beside / "err.txt").string());
        const int status = std::system(line.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, fs::exists(mark),
                io::readFile(beside / "err.txt")};
    }

    /// Fails at call 1, 1 + stride, … until the command is through before its fault; returns how many struck.
    int strikeAll(const Command& command, const std::string& kind, long stride)
    {
        const auto inputs = contents();
        std::map<std::string, std::string> before = inputs;
        for (const std::string& output : command.outputs) {
            before[output] = "what was there\n";
            io::writeFileAtomically(m_folder / output, before[output]);
        }
        int struck = 0;
        for (long number = 1;; number += stride) {
            const std::string fault = fmt::format("{}:{}", kind, number);
            const Ran ran = run(command, fault);
            check(command, fault, ran, before);
            if (!ran.hasStruck) {
                EXPECT_EQ(ran.exitCode, 0) << fault << ": " << ran.errors;
                return struck;
            }
            ++struck;
            if (testing::Test::HasFailure()) {
                return struck;
            }
            for (const std::string& output : command.outputs) {
                io::writeFileAtomically(m_folder / output, before[output]);
            }
        }
    }

    void check(const Command& command, const std::string& fault, const Ran& ran,
               const std::map<std::string, std::string>& before)
    {
        EXPECT_THAT(ran.exitCode, testing::AnyOf(0, 3)) << fault << ": " << ran.errors;
        if (ran.exitCode != 0) {
            EXPECT_THAT(
                ran.errors,
                testing::AllOf(testing::HasSubstr(": "), testing::Not(testing::HasSubstr("internal error"))))
                << fault;
        }
        std::map<std::string, std::string> after = contents();
        int changed = 0;
        for (const auto& [name, content] : before) {
            const bool isOutput = std::ranges::find(command.outputs, name) != command.outputs.end();
            if (!isOutput) {
                EXPECT_EQ(after[name], content) << fault << " changed " << name;
            } else if (after[name] != content) {
                ++changed;
                expectWhole(name, after[name], fault);
            }
            after.erase(name);
        }
        for (const auto& [name, content] : after) {
            ADD_FAILURE() << fault << " left " << name << " behind";
        }
        if (ran.exitCode == 0) {
            EXPECT_EQ(changed, static_cast<int>(command.outputs.size()))
                << fault << ": exit 0 without output";
        }
    }

    static void expectWhole(const std::string& name, const std::string& content, const std::string& fault)
    {
        if (name.ends_with(".json")) {
            EXPECT_TRUE(nlohmann::json::accept(content)) << fault << " tore " << name;
        } else if (name.ends_with(".jsonl")) {
            EXPECT_TRUE(content.starts_with("{")) << fault;
        } else {
            EXPECT_GT(content.size(), 200u) << fault << " tore " << name;
        }
    }

    const fs::path m_folder;
};

const Command kCommands[] = {
    {"run",
     NOISEFLOOR_CLI,
     "run m.onnx --data x.npy --threads 1 --quiet --report r.json --csv r.csv",
     {"r.json", "r.csv"}},
    {"calibrate",
     NOISEFLOOR_CLI,
     "calibrate m.onnx --data x.npy --threads 1 --quiet --methods minmax,entropy --thresholds t.json",
     {"t.json"}},
    {"export",
     NOISEFLOOR_CLI,
     "export m.onnx --data x.npy --threads 1 --format qdq --output e.onnx --quiet",
     {"e.onnx"}},
    {"search",
     NOISEFLOOR_CLI,
     "search m.onnx --data x.npy --threads 1 --quiet --target-sqnr 5 --output p.json",
     {"p.json"}},
    {"session", NOISEFLOOR_CLI, "run m.onnx --data x.npy --threads 1 --quiet --session s.nfs", {"s.nfs"}},
};

TEST_P(Faults, OfTheDiskGiveAClearErrorAndNoTornFile)
{
    int struck = 0;
    for (const char* kind : {"enospc", "eio", "short", "eintr"}) {
        struck += strikeAll(GetParam(), kind, isLong() ? 1 : 3);
    }
    RecordProperty("faults", struck);
    EXPECT_GT(struck, 4);
}

TEST_P(Faults, OfTheAllocatorGiveAClearErrorAndNoTornFile)
{
    // How many allocations there are: a fault that never strikes, found by doubling.
    long count = 1;
    while (run(GetParam(), fmt::format("memory:{}", count)).hasStruck) {
        count *= 2;
    }
    const long stride = std::max<long>(1, count / (isLong() ? 300 : 12)) | 1;
    const int struck = strikeAll(GetParam(), "memory", stride);
    RecordProperty("failed_allocations", struck);
    EXPECT_GT(struck, 4);
}

INSTANTIATE_TEST_SUITE_P(Commands, Faults, testing::ValuesIn(kCommands),
                         [](const auto& command) { return std::string(command.param.name); });

} // namespace
