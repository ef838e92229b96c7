#include "core/base/error.h"
#include "core/tensor/tensor.h"
#include "io/onnx/onnx_reader.h"
#include "io/onnx/onnx_tensor.h"
#include "io/onnx/onnx_writer.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

namespace {

using core::DataType;

std::vector<std::int64_t> valuesOf(const core::Tensor& tensor) { return core::integersOf(tensor); }

TEST(FourBitTensors, ComeBackAsTheyWereWritten)
{
    const std::vector<std::int8_t> codes{-8, 7, 3, 0, -1}; // an odd count: half of the last byte is left over
    const std::vector<std::uint8_t> zero{9};
    io::OnnxWriter writer;
    writer.input("x", DataType::Float32, {5});
    writer.fourBitInitializer("w", core::makeTensor<std::int8_t>({5}, codes));
    writer.fourBitInitializer("zero", core::makeTensor<std::uint8_t>({}, zero));
    writer.initializer("scale", core::makeTensor<float>({}, std::vector<float>{0.5f}));
    writer.node("QuantizeLinear", "q", {"x", "scale", "zero"}, {"y"});
    writer.output("y", DataType::UInt8, {5});
    const auto model = io::readOnnxBytes(writer.finish("four", 21), "four.onnx");
    const auto& graph = model.graph;
    EXPECT_EQ(valuesOf(*graph.value(*graph.findValue("w")).constant),
              (std::vector<std::int64_t>{-8, 7, 3, 0, -1}));
    EXPECT_EQ(valuesOf(*graph.value(*graph.findValue("zero")).constant), (std::vector<std::int64_t>{9}));
    EXPECT_EQ(graph.nodes()[0].integer("code_bits", 0), 4);
}

/// A field of integers holds one byte of two codes each, as raw data does.
TEST(FourBitTensors, AreReadFromAFieldOfIntegers)
{
    onnx::TensorProto proto;
    proto.set_name("w");
    proto.set_data_type(io::kProtoInt4);
    proto.add_dims(3);
    proto.add_int32_data(0x7f); // −1, then 7
    proto.add_int32_data(0x08); // −8
    EXPECT_EQ(valuesOf(io::tensorOfProto(proto, {})), (std::vector<std::int64_t>{-1, 7, -8}));
    proto.add_int32_data(0);
    EXPECT_THROW((void)io::tensorOfProto(proto, {}), core::Error);
    proto.clear_int32_data();
    proto.set_raw_data(std::string(3, '\0')); // a byte per code: too many
    EXPECT_THROW((void)io::tensorOfProto(proto, {}), core::Error);
}

} // namespace
