#include "core/tensor/tensor.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

/// A folder of its own with a model, data and a plan.
class OutputProtection : public testing::Test
{
protected:
    OutputProtection()
        : m_folder(support::temporaryFolder() / "protection")
    {
        fs::remove_all(m_folder);
        fs::create_directories(m_folder / "sub");
        io::OnnxWriter writer;
        writer.input("x", core::DataType::Float32, {1, 2});
        writer.output("y", core::DataType::Float32, {1, 2});
        const std::vector<float> numbers{1.0f, -0.5f, 0.25f, 2.0f};
        writer.initializer("w", core::makeTensor<float>({2, 2}, std::span<const float>(numbers)));
        writer.node("MatMul", "product", {"x", "w"}, {"y"});
        io::writeFileAtomically(m_folder / "m.onnx", writer.finish("graph", 13));
        io::writeFileAtomically(
            m_folder / "x.npy",
            io::tensorToNpy(core::makeTensor<float>({2, 2}, std::span<const float>(numbers))));
        io::writeFileAtomically(
            m_folder / "data.json",
            R"({"format": "noisefloor-data/1", "inputs": [{"path": "x.npy", "kind": "npy"}]})");
        io::writeFileAtomically(m_folder / "plan.json", R"({"format": "noisefloor-plan/1"})");
    }

    int run(const std::string& arguments)
    {
        const std::string command =
            "cd '" + m_folder.string() + "'; '" + NOISEFLOOR_CLI + "' " + arguments + " >out.txt 2>err.txt";
        const int status = std::system(command.c_str());
        m_errors = io::readFile(m_folder / "err.txt");
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string contentOf(const std::string& name) const { return io::readFile(m_folder / name); }

    fs::path m_folder;
    std::string m_errors;
};

TEST_F(OutputProtection, NoInputIsReplacedByAnySpelling)
{
    fs::create_symlink("m.onnx", m_folder / "link.onnx");
    fs::create_hard_link(m_folder / "m.onnx", m_folder / "hard.onnx");
    const std::string model = contentOf("m.onnx");
    const std::string start = "export m.onnx --data data.json --plan plan.json --format qdq --output ";
    for (const char* output : {"m.onnx", "./sub/../m.onnx", "link.onnx", "hard.onnx", "data.json",
                               "plan.json", "x.npy", "../protection/m.onnx"}) {
        EXPECT_EQ(run(start + output), 2) << output << m_errors;
        EXPECT_EQ(contentOf("m.onnx"), model) << output;
    }
    EXPECT_THAT(contentOf("data.json"), testing::HasSubstr("noisefloor-data"));
    for (const char* option : {"--report", "--csv", "--html", "--session"}) {
        EXPECT_EQ(run(std::string("run m.onnx --data data.json ") + option + " sub/../x.npy"), 2) << option;
    }
    EXPECT_EQ(run("inspect m.onnx --json hard.onnx"), 2);
    EXPECT_EQ(run("dump m.onnx --data data.json --output m.onnx"), 2);
    EXPECT_EQ(run("compare plan.json plan.json --json plan.json"), 2);
    EXPECT_EQ(contentOf("m.onnx"), model);
}

TEST_F(OutputProtection, OutputsToOneFileAreRefused)
{
    EXPECT_EQ(run("run m.onnx --data data.json --report r.json --csv ./sub/../r.json"), 2);
    EXPECT_THAT(m_errors, testing::HasSubstr("are one file"));
    EXPECT_FALSE(fs::exists(m_folder / "r.json"));
}

TEST_F(OutputProtection, UnwritableOutputsAreToldBeforeTheWork)
{
    EXPECT_EQ(run("run m.onnx --data data.json --report none/r.json --progress"), 3);
    EXPECT_THAT(m_errors, testing::HasSubstr("none/r.json"));
    EXPECT_THAT(m_errors, testing::Not(testing::HasSubstr("Calibrating")));
}

TEST_F(OutputProtection, DevicesAndPipesAreWrittenThrough)
{
    EXPECT_EQ(run("run m.onnx --data data.json --quiet --report /dev/stdout"), 0) << m_errors;
    EXPECT_THAT(contentOf("out.txt"), testing::HasSubstr("noisefloor-report/1"));
    EXPECT_EQ(run("run m.onnx --data data.json --quiet --report /dev/null"), 0) << m_errors;
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    ASSERT_EQ(::mkfifo((m_folder / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(run("run m.onnx --data data.json --quiet --report pipe & cat pipe"), 0) << m_errors;
    EXPECT_THAT(contentOf("out.txt"), testing::HasSubstr("noisefloor-report/1"));
    EXPECT_TRUE(fs::is_fifo(m_folder / "pipe"));
}

TEST_F(OutputProtection, AFullStandardOutputIsAnError)
{
    const std::string command =
        "cd '" + m_folder.string() + "'; '" + NOISEFLOOR_CLI + "' list-methods >/dev/full 2>err.txt";
    const int status = std::system(command.c_str());
    EXPECT_EQ(WEXITSTATUS(status), 3);
    EXPECT_THAT(contentOf("err.txt"), testing::HasSubstr("No space left"));
}

TEST_F(OutputProtection, LinksAreFollowedModesAndHardLinksKept)
{
    io::writeFileAtomically(m_folder / "sub/real.json", "old");
    fs::create_symlink("sub/real.json", m_folder / "report.json");
    fs::permissions(m_folder / "sub/real.json", fs::perms(0640));
    fs::create_hard_link(m_folder / "sub/real.json", m_folder / "second.json");
    EXPECT_EQ(run("run m.onnx --data data.json --report report.json"), 0) << m_errors;
    EXPECT_TRUE(fs::is_symlink(m_folder / "report.json"));
    EXPECT_THAT(contentOf("second.json"), testing::HasSubstr("noisefloor-report/1"));
    EXPECT_EQ(fs::status(m_folder / "sub/real.json").permissions(), fs::perms(0640));
}

TEST_F(OutputProtection, AForeignJournalIsNotCut)
{
    for (const char* command : {"search", "sensitivity"}) {
        const std::string model = contentOf("m.onnx");
        EXPECT_EQ(run(std::string(command) + " m.onnx --data data.json --journal m.onnx"), 2) << m_errors;
        EXPECT_EQ(contentOf("m.onnx"), model);
        io::writeFileAtomically(m_folder / "notes.txt", "first line\nsecond without an end");
        EXPECT_EQ(run(std::string(command) + " m.onnx --data data.json --journal notes.txt"), 2) << m_errors;
        EXPECT_EQ(contentOf("notes.txt"), "first line\nsecond without an end");
    }
}

TEST_F(OutputProtection, AJournalWithABadLineIsSalvaged)
{
    const std::string search = "search m.onnx --data data.json --trials 4 --journal j.jsonl";
    ASSERT_EQ(run(search), 0) << m_errors;
    std::string journal = contentOf("j.jsonl");
    const std::size_t second = journal.find('\n') + 1;
    journal.replace(second, 5, "#####");
    io::writeFileAtomically(m_folder / "j.jsonl", journal);
    EXPECT_EQ(run(search), 0) << m_errors;
    EXPECT_THAT(m_errors, testing::HasSubstr("1 damaged lines"));
    EXPECT_THAT(contentOf("out.txt"), testing::HasSubstr("(journal)"));
}

TEST_F(OutputProtection, TemporariesOfDeadProcessesAreRemoved)
{
    EXPECT_EQ(run("run m.onnx --data data.json --report r.json"), 0) << m_errors;
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(m_folder)) {
        files += entry.path().filename().string().starts_with(".") ? 1 : 0;
    }
    EXPECT_EQ(files, 0u);
}

TEST_F(OutputProtection, APipeThroughWhichNothingComesDoesNotBlock)
{
    ASSERT_EQ(::mkfifo((m_folder / "p.npy").c_str(), 0600), 0);
    ASSERT_EQ(::mkfifo((m_folder / "p.json").c_str(), 0600), 0);
    EXPECT_EQ(run("run m.onnx --data p.npy"), 3) << m_errors;
    EXPECT_EQ(run("run m.onnx --data p.json"), 3) << m_errors;
    EXPECT_THAT(m_errors, testing::HasSubstr("pipe"));
}

} // namespace
