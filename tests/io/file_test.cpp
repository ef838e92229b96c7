#include "io/files/file.h"

#include "core/base/error.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace {

namespace fs = std::filesystem;

fs::path freshFolder(const std::string& name)
{
    const fs::path folder = support::temporaryFolder() / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

std::size_t filesIn(const fs::path& folder)
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(File, ReadsWhatWasWritten)
{
    const fs::path path = freshFolder("file_roundtrip") / "a.bin";
    const std::string content("a\0b\xff", 4);
    io::writeFileAtomically(path, content);
    EXPECT_EQ(io::readFile(path), content);
    io::writeFileAtomically(path, "");
    EXPECT_EQ(io::readFile(path), "");
    EXPECT_EQ(filesIn(path.parent_path()), 1u); // no temporary file is left
}

TEST(File, MissingFileIsNamed)
{
    try {
        (void)io::readFile("no/such/file.onnx");
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Io);
        EXPECT_THAT(error.what(), testing::HasSubstr("no/such/file.onnx"));
    }
}

TEST(File, FolderIsNotAFile) { EXPECT_THROW((void)io::readFile(support::temporaryFolder()), core::Error); }

TEST(File, RefusesMoreThanTheBudget)
{
    const fs::path path = freshFolder("file_budget") / "a.txt";
    io::writeFileAtomically(path, "12345");
    EXPECT_EQ(io::readFile(path, 5), "12345");
    try {
        (void)io::readFile(path, 4);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::OutOfBudget);
    }
}

TEST(File, FailedWriteLeavesNothingBehind)
{
    // The target is a folder that is not empty, so the rename fails after the temporary file was written.
    const fs::path folder = freshFolder("file_failure");
    fs::create_directories(folder / "target" / "inner");
    EXPECT_THROW(io::writeFileAtomically(folder / "target", "x"), core::Error);
    EXPECT_EQ(filesIn(folder), 1u);
    EXPECT_THROW(io::writeFileAtomically(folder / "missing" / "a.txt", "x"), core::Error);
}

TEST(File, KeepsTheModeOfTheFileItReplaces)
{
    const fs::path path = freshFolder("file_mode") / "a.txt";
    io::writeFileAtomically(path, "1");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    io::writeFileAtomically(path, "2");
    EXPECT_EQ(fs::status(path).permissions(),
              fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST(Sha256, KnownAnswers)
{
    // FIPS 180-4 examples; 55, 56 and 64 bytes lie on either side of the padding's edges (sha256sum).
    EXPECT_EQ(io::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(io::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(io::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(io::sha256(std::string(55, 'a')),
              "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    EXPECT_EQ(io::sha256(std::string(64, 'a')),
              "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    EXPECT_EQ(io::sha256(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

} // namespace
