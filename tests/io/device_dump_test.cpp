#include "core/base/error.h"
#include "io/files/file.h"
#include "io/foreign/device_dump.h"
#include "io/reports/npy_writer.h"
#include "tests/support/shared_files.h"

#include <cstring>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

namespace {

namespace fs = std::filesystem;

fs::path emptyFolder(const char* name)
{
    const fs::path folder = support::temporaryFolder() / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

std::string bytesOf(const std::vector<float>& numbers)
{
    std::string bytes(numbers.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
}

std::string refusal(const fs::path& path)
{
    try {
        (void)io::readDeviceDump(path);
    } catch (const core::Error& error) {
        return error.what();
    }
    return "read";
}

std::string indexOf(const std::string& entry)
{
    return R"({"format": "noisefloor-tensors/1", "tensors": [{)" + entry + "}]}";
}

TEST(DeviceDump, ResultFoldersAreSamplesOfRawNumbersWithoutShape)
{
    const fs::path folder = emptyFolder("qnn");
    for (const char* sample : {"Result_0", "Result_1"}) {
        fs::create_directories(folder / sample);
        io::writeFileAtomically(folder / sample / "_conv1_Relu.raw", bytesOf({1.0F, 2.5F}));
    }
    const auto dump = io::readDeviceDump(folder);
    ASSERT_EQ(dump.size(), 2U);
    EXPECT_EQ(dump[1].sample, 1U);
    EXPECT_EQ(dump[0].name, "_conv1_Relu");
    EXPECT_FALSE(dump[0].hasShape);
    EXPECT_EQ(dump[0].tensor.as<float>()[1], 2.5F);
}

TEST(DeviceDump, AnIndexSaysScaleLayoutAndSample)
{
    const fs::path folder = emptyFolder("index");
    io::writeFileAtomically(folder / "a.bin", std::string("\x01\xff\x02\x03", 4));
    io::writeFileAtomically(folder / "index.json",
                            indexOf(R"("name": "a", "file": "a.bin", "shape": [1, 2, 2], "type": "int8",
                                       "layout": "NHWC", "scale": 0.5, "zero_point": -3, "sample": 4)"));
    const auto dump = io::readDeviceDump(folder);
    ASSERT_EQ(dump.size(), 1U);
    EXPECT_EQ(dump[0].tensor.shape(), (core::Shape{1, 2, 2}));
    EXPECT_EQ(dump[0].tensor.as<std::int8_t>()[1], -1);
    EXPECT_EQ(dump[0].scale, 0.5);
    EXPECT_EQ(dump[0].zeroPoint, -3);
    EXPECT_EQ(dump[0].sample, 4U);
    EXPECT_EQ(dump[0].layout, "NHWC");
}

TEST(DeviceDump, NpyAndTensorProtoAreReadByName)
{
    const fs::path folder = emptyFolder("named");
    const std::vector<float> numbers{1.0F, -2.0F};
    io::writeFileAtomically(folder / "b.npy", io::tensorToNpy(core::makeTensor<float>({1, 2}, numbers)));
    onnx::TensorProto proto;
    proto.set_name("a/of the model");
    proto.set_data_type(onnx::TensorProto::FLOAT);
    proto.add_dims(2);
    proto.set_raw_data(bytesOf(numbers));
    io::writeFileAtomically(folder / "a.pb", proto.SerializeAsString());
    const auto dump = io::readDeviceDump(folder);
    ASSERT_EQ(dump.size(), 2U);
    EXPECT_EQ(dump[0].name, "a/of the model");
    EXPECT_EQ(dump[0].tensor.as<float>()[1], -2.0F);
    EXPECT_EQ(dump[1].name, "b");
    EXPECT_EQ(dump[1].tensor.shape(), (core::Shape{1, 2}));
}

TEST(DeviceDump, WhatDoesNotFitIsRefusedNamingFileAndTensor)
{
    const fs::path folder = emptyFolder("hostile");
    io::writeFileAtomically(folder / "a.bin", "1234");
    const auto with = [&](const std::string& entry) {
        io::writeFileAtomically(folder / "index.json", indexOf(entry));
        return refusal(folder);
    };
    const std::string huge = with(R"("name": "a", "file": "a.bin", "shape": [1000000, 100000])");
    EXPECT_NE(huge.find("a.bin: tensor 'a'"), std::string::npos) << huge;
    EXPECT_NE(with(R"("name": "a", "file": "../a.bin")").find("must lie in the folder"), std::string::npos);
    EXPECT_NE(with(R"("name": "a", "file": "a.bin", "scale": 0)").find("positive"), std::string::npos);
    EXPECT_NE(with(R"("name": "a", "file": "a.bin", "layuot": "NHWC")").find("layuot"), std::string::npos);
    io::writeFileAtomically(folder / "a.bin", "12345");
    EXPECT_NE(with(R"("name": "a", "file": "a.bin")").find("no whole count"), std::string::npos);
    EXPECT_NE(refusal(emptyFolder("nothing")).find("no tensors"), std::string::npos);
}

} // namespace
