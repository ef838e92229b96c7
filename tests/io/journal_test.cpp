#include "io/files/journal.h"

#include "core/base/error.h"
#include "io/files/file.h"
#include "io/reports/effect_journal.h"
#include "tests/support/shared_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

class JournalFile : public testing::Test
{
protected:
    const fs::path path = support::temporaryFolder() / "journal.jsonl";
    void SetUp() override { fs::remove(path); }
};

TEST_F(JournalFile, GivesBackWhatWasAppended)
{
    {
        io::Journal journal(path, "header");
        EXPECT_TRUE(journal.lines().empty());
        journal.append("one");
        journal.append("two");
    }
    const io::Journal again(path, "header");
    EXPECT_THAT(again.lines(), testing::ElementsAre("one", "two"));
}

TEST_F(JournalFile, DropsALineThatWasCutOff)
{
    for (const std::string cut : {"header\none\nt", "header\none\n{\"trial\": 2"}) {
        std::ofstream(path, std::ios::trunc) << cut;
        {
            io::Journal journal(path, "header");
            EXPECT_THAT(journal.lines(), testing::ElementsAre("one"));
            journal.append("two");
        }
        EXPECT_EQ(io::readFile(path), "header\none\ntwo\n");
    }
}

TEST_F(JournalFile, StartsAnewWhereNotEvenTheHeaderWasWhole)
{
    std::ofstream(path, std::ios::trunc) << "hea";
    {
        const io::Journal journal(path, "header");
    }
    EXPECT_EQ(io::readFile(path), "header\n");
}

TEST_F(JournalFile, RefusesOtherWorkAndOtherFiles)
{
    {
        const io::Journal journal(path, "header");
    }
    EXPECT_THROW(io::Journal(path, "another"), core::Error);
    EXPECT_EQ(io::readFile(path), "header\n");
    std::ofstream(path, std::ios::trunc) << "notes";
    EXPECT_THROW(io::Journal(path, "header"), core::Error);
    EXPECT_EQ(io::readFile(path), "notes");
}

TEST_F(JournalFile, IsWrittenByOneAtATime)
{
    const io::Journal journal(path, "header");
    EXPECT_THROW(io::Journal(path, "header"), core::Error);
}

TEST_F(JournalFile, RemembersEffectsToTheLastBit)
{
    core::OutputEffect effect;
    effect.outputs = {{0.1, 1.0 / 3.0}, {1e-300, 12345.678}};
    effect.samples = 7;
    effect.accuracy = core::Accuracy{7, true, {1.0 / 7.0, 2.0}, {3.0, 4.0}, 5.0, 1};
    const core::Fingerprint key{0x0123456789abcdefu, 0xfedcba9876543210u};
    {
        io::EffectJournal journal(path, "sha");
        journal.memory().keep(key, "only conv", effect);
    }
    io::EffectJournal again(path, "sha");
    const auto found = again.memory().find(key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->outputs[0].squaredReference, effect.outputs[0].squaredReference);
    EXPECT_EQ(found->outputs[1].squaredError, effect.outputs[1].squaredError);
    EXPECT_EQ(found->accuracy->fp32.top1, effect.accuracy->fp32.top1);
    EXPECT_EQ(found->samples, 7u);
    EXPECT_FALSE(again.memory().find({1, 2}));
}

} // namespace
