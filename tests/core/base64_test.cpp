#include "core/base/base64.h"

#include <gtest/gtest.h>
#include <string>

namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64, WritesTheVectorsOfTheRfc)
{
    EXPECT_EQ(core::toBase64(bytes("")), "");
    EXPECT_EQ(core::toBase64(bytes("f")), "Zg==");
    EXPECT_EQ(core::toBase64(bytes("fo")), "Zm8=");
    EXPECT_EQ(core::toBase64(bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, ReadsWhatItWritesAndNothingElse)
{
    std::vector<std::uint8_t> all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<std::uint8_t>(i));
        EXPECT_EQ(core::fromBase64(core::toBase64(all)), all);
    }
    for (const char* wrong :
         {"Zg=", "Zh==", "Z===", "Zg==Zg==", "Zm 8", "Zm9*"}) { // Zh==: bits behind the end
        EXPECT_FALSE(core::fromBase64(wrong)) << wrong;
    }
}

} // namespace
