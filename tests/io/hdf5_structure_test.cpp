#include "io/files/hdf5/structure.h"

#include "core/base/error.h"
#include "io/files/hdf5/checksum.h"
#include "io/files/hdf5/image.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

namespace {

std::string imageOf(const core::Shape& shape, bool packed)
{
    std::vector<std::uint64_t> values(static_cast<std::size_t>(core::elementCount(shape)));
    std::iota(values.begin(), values.end(), 0);
    io::Hdf5Writer writer;
    writer.array("/group/values", values, shape, packed);
    return std::move(writer).finish();
}

/// Shapes with one chunk, some, and more than a page of them; small arrays are not packed.
TEST(Hdf5Structure, ArraysOfEveryStorageComeBack)
{
    for (const core::Shape& shape :
         {core::Shape{5}, core::Shape{1, 20000}, core::Shape{7, 3000}, core::Shape{2500, 16}}) {
        for (const bool packed : {false, true}) {
            SCOPED_TRACE(fmt::format("{} rows, packed {}", shape[0], packed));
            const std::string image = imageOf(shape, packed);
            core::Shape found;
            const auto values = io::Hdf5Reader(image).counts("/group/values", found);
            EXPECT_EQ(found, shape);
            ASSERT_EQ(values.size(), static_cast<std::size_t>(core::elementCount(shape)));
            EXPECT_EQ(values.back(), values.size() - 1);
        }
    }
}

TEST(Hdf5Structure, ManyLinksAndAttributesLieInTheirHeaders)
{
    io::Hdf5Writer writer;
    for (int i = 0; i < 300; ++i) {
        writer.text(fmt::format("/many/{:04}", i), "x");
        writer.attribute("/many", fmt::format("attribute {}", i), static_cast<std::int64_t>(i));
    }
    const std::string image = std::move(writer).finish();
    const io::Hdf5Reader reader(image);
    EXPECT_EQ(reader.names("/many").size(), 300U);
    EXPECT_EQ(reader.integerAttribute("/many", "attribute 299"), 299);
}

TEST(Hdf5Structure, AttributesThatNoHeaderHoldsAreNotWritten)
{
    io::Hdf5Writer writer;
    writer.group("/group");
    writer.attribute("/group", "long", std::string(60000, 'x'));
    EXPECT_THROW(writer.attribute("/group", "longer", std::string(60001, 'x')), core::Error);
    const std::string image = std::move(writer).finish();
    EXPECT_EQ(io::Hdf5Reader(image).textAttribute("/group", "long").size(), 60000U);
}

TEST(Hdf5Structure, RefusesWhatIsCutShortOrChanged)
{
    const std::string image = imageOf({7, 3000}, true);
    EXPECT_NO_THROW(io::checkHdf5Structure(image));
    for (std::size_t length = 0; length < image.size(); length += 1 + image.size() / 211) {
        EXPECT_THROW(io::checkHdf5Structure(std::string_view(image).substr(0, length)), core::Error);
    }
    std::string older = image;
    older[8] = 0; // version of the superblock
    EXPECT_THROW(io::checkHdf5Structure(older), core::Error);
}

/// The same chunk for all rows but one byte shorter: libhdf5 would copy beyond what it unpacked.
TEST(Hdf5Structure, RefusesAPackedChunkOfAnotherSize)
{
    std::string image = imageOf({7, 3000}, true);
    const std::size_t block = image.find("FADB");
    ASSERT_NE(block, std::string::npos);
    constexpr std::size_t kPrefix = 14; // signature, version, kind, address
    constexpr std::size_t kAddress = 8; // of the first chunk; its size follows
    image[block + kPrefix + kAddress] = static_cast<char>(image[block + kPrefix + kAddress] - 1);
    const std::size_t end = block + kPrefix + 7 * (kAddress + 3 + 4); // address, 3 bytes of size, filter mask
    const auto sum = io::hdf5Checksum(std::string_view(image).substr(block, end - block));
    for (std::size_t i = 0; i < sizeof(sum); ++i) {
        image.at(end + i) = static_cast<char>(sum >> (8 * i));
    }
    try {
        io::checkHdf5Structure(image);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_NE(std::string(error.what()).find("a chunk of another size"), std::string::npos)
            << error.what();
    }
}

} // namespace
