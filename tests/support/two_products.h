#pragma once

#include "io/onnx/onnx_writer.h"

#include <string>
#include <vector>

namespace support {

/// 64 numbers between −1 and 1.6 that repeat by 19.
[[nodiscard]] inline std::vector<float> fewNumbers()
{
    std::vector<float> numbers;
    for (int i = 0; i < 64; ++i) {
        numbers.push_back(static_cast<float>((i * 37) % 19) / 7.0f - 1.0f);
    }
    return numbers;
}

/// A file of x[1,8] → MatMul → Relu → MatMul → y, both by the same weights.
[[nodiscard]] inline std::string twoProducts()
{
    const std::vector<float> numbers = fewNumbers();
    io::OnnxWriter writer;
    writer.input("x", core::DataType::Float32, {1, 8});
    writer.output("y", core::DataType::Float32, {1, 8});
    writer.initializer("w", core::makeTensor<float>({8, 8}, std::span<const float>(numbers)));
    writer.node("MatMul", "product", {"x", "w"}, {"h"});
    writer.node("Relu", "relu", {"h"}, {"r"});
    writer.node("MatMul", "again", {"r", "w"}, {"y"});
    return writer.finish("graph", 13);
}

} // namespace support
