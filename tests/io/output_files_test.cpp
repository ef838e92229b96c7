#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/output_files.h"
#include "io/files/temporaries.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

fs::path freshFolder()
{
    const fs::path folder = support::temporaryFolder() / "outputs";
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

std::size_t hiddenFiles(const fs::path& folder)
{
    return static_cast<std::size_t>(
        std::count_if(fs::directory_iterator(folder), fs::directory_iterator(),
                      [](const auto& entry) { return entry.path().filename().string().starts_with("."); }));
}

TEST(OutputFiles, ASetAppearsWholeOrNotAtAll)
{
    const fs::path folder = freshFolder();
    io::writeFileAtomically(folder / "main", "old");
    fs::create_directories(folder / "main.folder");
    const io::OutputFile files[] = {
        {folder / "main", "new"}, {folder / "main.a", "a"}, {folder / "main.folder", "b"}};
    EXPECT_THROW(io::writeTogether(files), core::Error);
    EXPECT_EQ(io::readFile(folder / "main"), "old");
    EXPECT_FALSE(fs::exists(folder / "main.a"));
    EXPECT_EQ(hiddenFiles(folder), 0u);
    io::writeTogether(std::span(files).first(2));
    EXPECT_EQ(io::readFile(folder / "main"), "new");
    EXPECT_EQ(io::readFile(folder / "main.a"), "a");
    EXPECT_EQ(hiddenFiles(folder), 0u);
}

TEST(OutputFiles, ANewFileHasTheModeThatTheMaskLeaves)
{
    const fs::path folder = freshFolder();
    const mode_t before = ::umask(027);
    io::writeFileAtomically(folder / "new", "text");
    EXPECT_EQ(::umask(before), 027u); // nobody changed it meanwhile
    EXPECT_EQ(fs::status(folder / "new").permissions(), fs::perms(0640));
}

TEST(OutputFiles, TemporariesOfDeadProcessesGoWithTheNextWrite)
{
    const fs::path folder = freshFolder();
    const pid_t child = ::fork();
    if (child == 0) { // dies in the middle of a write
        ::_exit(::close(::creat((folder / io::temporaryName(".report")).c_str(), 0600)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const fs::path own = folder / io::temporaryName(".report"); // of a process that lives
    io::writeFileAtomically(own, "kept");
    ASSERT_EQ(hiddenFiles(folder), 2u);
    io::writeFileAtomically(folder / "report", "text");
    EXPECT_EQ(hiddenFiles(folder), 1u);
    EXPECT_TRUE(fs::exists(own));
}

TEST(OutputFiles, ADanglingLinkIsFilledWhereItLeads)
{
    const fs::path folder = freshFolder();
    fs::create_symlink("target", folder / "link");
    io::writeFileAtomically(folder / "link", "text");
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(io::readFile(folder / "target"), "text");
    fs::create_symlink("circle", folder / "circle");
    EXPECT_THROW(io::writeFileAtomically(folder / "circle", "text"), core::Error);
}

} // namespace
