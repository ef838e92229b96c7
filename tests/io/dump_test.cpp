#include "io/reports/dump.h"

#include "io/data/array_file.h"
#include "io/files/file.h"
#include "io/reports/matrix_market.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

TEST(TensorToMatrixMarket, StandsColumnByColumn)
{
    const std::vector<float> values{1, 2, 3, 4, 5, 0.1f};
    EXPECT_EQ(io::tensorToMatrixMarket(core::makeTensor<float>({2, 3}, values), "w"),
              "%%MatrixMarket matrix array real general\n% w, shape 2x3\n2 3\n1\n4\n2\n5\n3\n0.1\n");
    const std::vector<std::int8_t> codes{-1, 2, 3, 4};
    EXPECT_EQ(io::tensorToMatrixMarket(core::makeTensor<std::int8_t>({1, 2, 2, 1}, codes), "q"),
              "%%MatrixMarket matrix array integer general\n% q, shape 1x2x2x1\n1 4\n-1\n2\n3\n4\n");
}

TEST(TensorToNpy, IsReadBackInRowMajorOrder)
{
    const std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8};
    const core::Tensor last =
        core::toLayout(core::makeTensor<float>({1, 2, 2, 2}, values), core::Layout::ChannelsLast);
    const fs::path file = support::temporaryFolder() / "t.npy";
    io::writeFileAtomically(file, io::tensorToNpy(last));
    const auto array = io::openNpy(file);
    EXPECT_EQ(array->shape(), (core::Shape{1, 2, 2, 2}));
    const core::Tensor back = array->read(0, 1);
    EXPECT_TRUE(std::ranges::equal(back.as<float>(), values));
}

TEST(WriteDump, Hdf5HoldsEveryTypeAndTheParamsOfCodes)
{
    const std::vector<std::int8_t> codes{-128, 127};
    const fs::path file = support::temporaryFolder() / "dump.h5";
    io::writeDump({{"block/conv", "codes", core::makeTensor<std::int8_t>({2}, codes), {0.5f}, {3}}},
                  io::DumpFormat::Hdf5, file);
    const auto array = io::openHdf5(file, "block_conv/codes");
    EXPECT_EQ(array->type(), core::DataType::Int8);
    const core::Tensor back = array->read(0, 2);
    EXPECT_TRUE(std::ranges::equal(back.as<std::int8_t>(), codes));
    EXPECT_EQ(io::openHdf5(file, "block_conv/codes_scale")->read(0, 1).as<float>()[0], 0.5f);
    EXPECT_EQ(io::openHdf5(file, "block_conv/codes_zero_point")->read(0, 1).as<std::int32_t>()[0], 3);
}

TEST(WriteDump, NamesCannotLeaveTheFolder)
{
    const std::vector<float> values{1};
    const fs::path folder = support::temporaryFolder() / "dump";
    io::writeDump({{"../../up", "fp32", core::makeTensor<float>({1}, values), {}, {}}}, io::DumpFormat::Npy,
                  folder);
    EXPECT_TRUE(fs::exists(folder / "_.._.._up.fp32.npy"));
}

} // namespace
