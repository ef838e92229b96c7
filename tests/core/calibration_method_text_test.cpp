#include "core/base/error.h"
#include "core/calibration/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using core::CalibrationMethod;
using core::parseCalibrationMethod;

TEST(CalibrationMethod, ParsesNamesAliasesAndParameters)
{
    EXPECT_EQ(parseCalibrationMethod("naive"), (CalibrationMethod{"minmax", std::nullopt}));
    EXPECT_EQ(parseCalibrationMethod("percentile:99.9"), (CalibrationMethod{"percentile", 99.9}));
    EXPECT_EQ(parseCalibrationMethod("percentile"), (CalibrationMethod{"percentile", 99.99}));
    EXPECT_EQ(core::toString(parseCalibrationMethod("percentile:99.9")), "percentile:99.9");
    EXPECT_EQ(core::toString(parseCalibrationMethod("percentile:100")), "percentile:100");
    EXPECT_EQ(core::toString(parseCalibrationMethod("entropy")), "entropy");
}

TEST(CalibrationMethod, AColonBeforeAWordBelongsToTheName)
{
    EXPECT_EQ(parseCalibrationMethod("entropy:mxnet"), (CalibrationMethod{"entropy:mxnet", std::nullopt}));
    EXPECT_EQ(parseCalibrationMethod("l2:dnnlowp").name, "l2:dnnlowp");
    EXPECT_EQ(parseCalibrationMethod("p99:0.999"), (CalibrationMethod{"p99", 0.999}));
}

TEST(CalibrationMethod, EveryNameParsesToItself)
{
    for (const auto& method : core::calibrationMethods()) {
        EXPECT_EQ(parseCalibrationMethod(method.name).name, method.name);
        const auto parsed = parseCalibrationMethod(method.name);
        EXPECT_EQ(parseCalibrationMethod(core::toString(parsed)), parsed);
        EXPECT_FALSE(method.title.empty());
        EXPECT_FALSE(method.help.empty());
    }
}

std::string complaintAbout(std::string_view text)
{
    try {
        (void)parseCalibrationMethod(text);
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Usage);
        return error.what();
    }
    return "none";
}

TEST(CalibrationMethod, ComplainsAboutWhatItDoesNotKnow)
{
    EXPECT_THAT(complaintAbout("entropi"), testing::HasSubstr("did you mean 'entropy'"));
    EXPECT_THAT(complaintAbout("entropy:mxnett"), testing::HasSubstr("entropy:mxnet"));
    EXPECT_THAT(complaintAbout("zzzzzzz"), testing::HasSubstr("minmax"));
    EXPECT_THAT(complaintAbout("percentile:101"), testing::HasSubstr("between 50 and 100"));
    EXPECT_THAT(complaintAbout("percentile:nan"), testing::HasSubstr("between"));
    EXPECT_THAT(complaintAbout("minmax:3"), testing::HasSubstr("no parameter"));
    EXPECT_THAT(complaintAbout("percentile:x"), testing::HasSubstr("percentile"));
    EXPECT_THAT(complaintAbout(""), testing::HasSubstr("unknown"));
}

} // namespace
