#include "core/base/error.h"
#include "core/device/arrangement.h"
#include "core/device/matching.h"
#include "io/files/file.h"
#include "io/foreign/device_dump.h"
#include "io/reports/npy_writer.h"
#include "tests/support/chain_network.h"
#include "tests/support/shared_files.h"

#include <cstring>
#include <fmt/format.h>
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

/// Element (n, c, h, w) of a tensor of 2×19×2×3.
float numberAt(std::size_t n, std::size_t c, std::size_t h, std::size_t w)
{
    return static_cast<float>(1000 * n + 10 * c) + 0.5F * static_cast<float>(h)
        + 0.125F * static_cast<float>(w);
}

TEST(Arrangements, BlocksChannelsLastAndPaddingAreReadAsTheyLie)
{
    constexpr std::size_t kN = 2;
    constexpr std::size_t kC = 19;
    constexpr std::size_t kH = 2;
    constexpr std::size_t kW = 3;
    const core::Shape ours{kN, kC, kH, kW};
    std::vector<float> expected;
    std::vector<float> last(kN * kC * kH * kW);
    std::vector<float> swapped(last.size());
    std::vector<float> wide(kN * 24 * kH * 4, -1.0F); // channels padded to 24, rows to 4
    std::vector<float> eights(kN * 24 * kH * kW, -1.0F);
    std::vector<float> sixteens(kN * 32 * kH * kW, -1.0F);
    for (std::size_t n = 0; n < kN; ++n) {
        for (std::size_t c = 0; c < kC; ++c) {
            for (std::size_t h = 0; h < kH; ++h) {
                for (std::size_t w = 0; w < kW; ++w) {
                    const float x = numberAt(n, c, h, w);
                    expected.push_back(x);
                    last[((n * kH + h) * kW + w) * kC + c] = x;
                    swapped[((n * kC + c) * kW + w) * kH + h] = x;
                    wide[((n * 24 + c) * kH + h) * 4 + w] = x;
                    eights[(((n * 3 + c / 8) * kH + h) * kW + w) * 8 + c % 8] = x;
                    sixteens[(((n * 2 + c / 16) * kH + h) * kW + w) * 16 + c % 16] = x;
                }
            }
        }
    }
    using core::Arrangement;
    EXPECT_EQ(core::arranged(last, {}, ours, Arrangement::ChannelsLast), expected);
    EXPECT_EQ(core::arranged(swapped, {}, ours, Arrangement::Transposed), expected);
    EXPECT_EQ(core::arranged(eights, {}, ours, Arrangement::Blocked8), expected);
    EXPECT_EQ(core::arranged(sixteens, {}, ours, Arrangement::Blocked16), expected);
    EXPECT_EQ(core::arranged(wide, {kN, 24, kH, 4}, ours, Arrangement::AsIs), expected);
    EXPECT_FALSE(core::arranged(eights, {}, ours, Arrangement::Blocked16));
    EXPECT_FALSE(core::arranged(wide, {}, ours, Arrangement::AsIs));
}

TEST(DeviceMatching, WithoutNamesNumbersAreCountedInOrderOfExecution)
{
    const auto graph = core::fuseOperators(support::chainNetwork(), {});
    std::vector<core::DeviceTensor> tensors;
    std::vector<std::size_t> operators;
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const core::Operator& op = graph->operators[i];
        if (op.type != "Input") {
            const auto count = core::elementCount(graph->value(op.result()).shape);
            const std::vector<float> zeros(static_cast<std::size_t>(count));
            tensors.push_back({fmt::format("{:03}", i), "", core::makeTensor<float>({count}, zeros), false});
            operators.push_back(i);
        }
    }
    const auto matches = core::matchTensors(*graph, tensors);
    EXPECT_TRUE(matches.byOrder);
    EXPECT_TRUE(matches.unmatched.empty());
    for (std::size_t t = 0; t < operators.size(); ++t) {
        EXPECT_EQ(matches.tensorOf.at({0, operators[t]}), t);
    }
    tensors[1].name = graph->value(graph->operators[operators[1]].result()).name; // one name is enough
    EXPECT_FALSE(core::matchTensors(*graph, tensors).byOrder);
    EXPECT_EQ(core::matchTensors(*graph, tensors).tensorOf.size(), 1u);
}

} // namespace
