#include "io/plans/observer_text.h"

#include "core/base/error.h"
#include "core/calibration/dnnlowp_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

using io::ObservedOutput;
using io::ObserverForm;
using io::parseObserverText;

TEST(ObserverText, ReadsEveryForm)
{
    EXPECT_EQ(parseObserverText("3 FC 0 fc1 -1.5 2.25\n", "f"),
              (std::vector<ObservedOutput>{{3, "FC", 0, "fc1", std::nullopt, -1.5, 2.25, {}}}));
    EXPECT_EQ(parseObserverText("3 1 fc1 -1.5 2.25", "f"),
              (std::vector<ObservedOutput>{{3, "", 1, "fc1", std::nullopt, -1.5, 2.25, {}}}));
    EXPECT_EQ(parseObserverText("0 Conv 0 y 0 4 2 7 9\n\n1 Relu 0 z 0 1e-3 2 1 0\r\n", "f"),
              (std::vector<ObservedOutput>{{0, "Conv", 0, "y", std::nullopt, 0, 4, {7, 9}},
                                           {1, "Relu", 0, "z", std::nullopt, 0, 1e-3, {1, 0}}}));
    EXPECT_EQ(parseObserverText("0 0 y 0 4 2 7 9", "f"),
              (std::vector<ObservedOutput>{{0, "", 0, "y", std::nullopt, 0, 4, {7, 9}}}));
    EXPECT_EQ(parseObserverText("0 0 y 12 0 4 2 7 9", "f"),
              (std::vector<ObservedOutput>{{0, "", 0, "y", 12, 0, 4, {7, 9}}}));
    EXPECT_TRUE(parseObserverText("", "f").empty());
}

TEST(ObserverText, EveryFormComesBackAsItWasWritten)
{
    ObservedOutput output{5, "SpatialBN", 1, "conv1/bn:0", std::nullopt, -0.1, 0.30000001192092896, {}};
    for (const auto form : {ObserverForm::MinMax, ObserverForm::MinMaxOld, ObserverForm::Histogram,
                            ObserverForm::HistogramOld, ObserverForm::ColumnMax}) {
        ObservedOutput expected = output;
        const bool hasCounts = form != ObserverForm::MinMax && form != ObserverForm::MinMaxOld;
        expected.counts = hasCounts ? std::vector<std::uint64_t>{1, 0, 18446744073709551615u}
                                    : std::vector<std::uint64_t>{};
        expected.column = form == ObserverForm::ColumnMax ? std::optional(7) : std::nullopt;
        const std::vector<ObservedOutput> written(2, expected);
        const auto text = io::observerText(written, form);
        if (form != ObserverForm::MinMax && form != ObserverForm::Histogram) {
            expected.opType.clear();
        }
        EXPECT_EQ(parseObserverText(text, "f"), std::vector<ObservedOutput>(2, expected)) << text;
    }
}

std::string complaintAbout(std::string_view text)
{
    try {
        (void)parseObserverText(text, "hist.txt");
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::FileFormat);
        return error.what();
    }
    return "none";
}

TEST(ObserverText, NamesTheLineThatIsWrong)
{
    using testing::HasSubstr;
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4 2 7 9\n0 Conv 0 y 0 4 3 7 9"), HasSubstr("hist.txt: line 2"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4 3 7 9"), HasSubstr("announces 3 bins and has 2"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4 18446744073709551615 7"), HasSubstr("announces"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4 99999999999999999999999 7"), HasSubstr("not a number"));
    EXPECT_THAT(complaintAbout("0 Conv 0"), HasSubstr("3 words"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y x 4"), HasSubstr("'x' is not a number"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 5 4"), HasSubstr("below its minimum"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 nan"), HasSubstr("no finite range"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4 2 -7 9"), HasSubstr("'-7' is not a number"));
    EXPECT_THAT(complaintAbout("0 Conv 0 my tensor 0 4"), HasSubstr("not a number"));
    EXPECT_THAT(complaintAbout("0 Conv 0 y 0 4\n1 0 z 0 4"), HasSubstr("same form"));
    EXPECT_THAT(complaintAbout("0,Conv,0,y,0,4"), HasSubstr("1 words"));
}

TEST(ObserverText, RefusesToWriteWhatCouldNotBeRead)
{
    EXPECT_THROW((void)io::observerText(std::vector{ObservedOutput{0, "Conv", 0, "my tensor", {}, 0, 1, {}}},
                                        ObserverForm::MinMax),
                 core::Error);
    EXPECT_THROW((void)io::observerText(std::vector{ObservedOutput{0, "", 0, "y", {}, 0, 1, {}}},
                                        ObserverForm::MinMax),
                 core::Error);
    EXPECT_THROW((void)io::observerText(std::vector{ObservedOutput{0, "", 0, "y", {}, 0, 1, {2}}},
                                        ObserverForm::ColumnMax),
                 core::Error);
}

TEST(ObserverText, AHistogramFromAFileGoesIntoTheSearches)
{
    const auto path = std::filesystem::temp_directory_path() / "noisefloor_observer_text_test.txt";
    std::ofstream(path) << "0 Conv 0 y -3 5 4 10 400 300 2\n";
    const auto outputs = io::readObserverFile(path);
    std::filesystem::remove(path);
    const auto histogram = io::histogramOf(outputs.at(0));
    EXPECT_EQ(histogram.width, 2.0);
    EXPECT_EQ(histogram.highest(), 5.0);
    EXPECT_EQ(core::rangeOf(histogram, core::searchDnnlowpP99(histogram, 0.9)), (core::Range{-1.0, 3.0}));
    EXPECT_EQ(io::histogramOf({}).width, 0.0);
}

} // namespace
