#include "io/files/base64.h"

#include <gtest/gtest.h>
#include <string>

namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64, WritesTheVectorsOfTheRfc)
{
    EXPECT_EQ(io::toBase64(bytes("")), "");
    EXPECT_EQ(io::toBase64(bytes("f")), "Zg==");
    EXPECT_EQ(io::toBase64(bytes("fo")), "Zm8=");
    EXPECT_EQ(io::toBase64(bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, ReadsWhatItWritesAndNothingElse)
{
    std::vector<std::uint8_t> all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<std::uint8_t>(i));
        EXPECT_EQ(io::fromBase64(io::toBase64(all)), all);
    }
    for (const char* wrong :
         {"Zg=", "Zh==", "Z===", "Zg==Zg==", "Zm 8", "Zm9*"}) { // Zh==: bits behind the end
        EXPECT_FALSE(io::fromBase64(wrong)) << wrong;
    }
}

} // namespace
