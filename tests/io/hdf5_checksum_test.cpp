#include "io/files/hdf5/checksum.h"

#include <gtest/gtest.h>

namespace {

// The vectors that lookup3.c prints: driver5().
TEST(Hdf5Checksum, GoldenValues)
{
    EXPECT_EQ(io::hdf5Checksum(""), 0xdeadbeefU);
    EXPECT_EQ(io::hdf5Checksum("Four score and seven years ago"), 0x17770551U);
}

TEST(Hdf5Checksum, EveryBitCounts)
{
    const std::string bytes(30, 'x');
    for (std::size_t length : {1U, 11U, 12U, 13U, 24U, 30U}) {
        const std::string whole = bytes.substr(0, length);
        for (std::size_t bit = 0; bit < 8 * length; ++bit) {
            std::string changed = whole;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
            EXPECT_NE(io::hdf5Checksum(changed), io::hdf5Checksum(whole));
        }
    }
}

} // namespace
