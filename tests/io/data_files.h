#pragma once

#include "core/base/error.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"
#include "io/data/image.h"
#include "io/files/file.h"
#include "tests/support/shared_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

/// Files and pictures that the tests of data make for themselves.
namespace data_files {

namespace fs = std::filesystem;

/// An empty folder for this test.
inline fs::path freshFolder()
{
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const fs::path folder =
        support::temporaryFolder() / (std::string(test->test_suite_name()) + "." + test->name());
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

inline fs::path write(const fs::path& path, std::string_view content)
{
    io::writeFileAtomically(path, content);
    return path;
}

/// The first `size` bytes of a file, beside it.
inline fs::path truncated(const fs::path& path, std::size_t size)
{
    return write(path.parent_path() / ("cut_" + path.filename().string()),
                 io::readFile(path).substr(0, size));
}

/// (37x + 71y + 29c + 13xy) mod 256: no axis or channel can be mistaken for another.
inline io::Image patternImage(int width, int height, int channels = 3)
{
    io::Image image{width, height, channels, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < channels; ++c) {
                image.pixels.push_back(static_cast<std::uint8_t>(x * 37 + y * 71 + c * 29 + x * y * 13));
            }
        }
    }
    return image;
}

/// Uncompressed 24-bit BMP.
inline std::string bmpBytes(const io::Image& image)
{
    const auto little = [](std::uint32_t value) {
        std::string bytes;
        for (int i = 0; i < 4; ++i) {
            bytes += static_cast<char>(value >> (8 * i));
        }
        return bytes;
    };
    const auto width = static_cast<std::uint32_t>(image.width);
    const auto height = static_cast<std::uint32_t>(image.height);
    std::string bytes = "BM" + little(0) + little(0) + little(54) + little(40) + little(width)
        + little(height) + std::string("\1\0\30\0", 4) + std::string(24, '\0');
    for (int y = image.height; y-- > 0;) {
        for (int x = 0; x < image.width; ++x) {
            const std::uint8_t* rgb = image.pixels.data() + (static_cast<std::size_t>(y) * width + x) * 3;
            bytes += {static_cast<char>(rgb[2]), static_cast<char>(rgb[1]), static_cast<char>(rgb[0])};
        }
        bytes.append((4 - width * 3 % 4) % 4, '\0');
    }
    return bytes;
}

/// Version 1.0 with any text for descr and shape: "<f4", "(2, 3)".
inline std::string npyBytes(const std::string& descr, const std::string& shape, std::string_view data,
                            const std::string& fortran = "False")
{
    std::string header =
        "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    header.append(64 - (10 + header.size() + 1) % 64, ' ');
    header += '\n';
    return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size() & 255)
        + static_cast<char>(header.size() >> 8) + header + std::string(data);
}

template <typename T>
std::string bytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// The message of the core::Error that f throws; a failure of the test when it throws none.
template <typename F>
std::string messageOf(F&& f)
{
    try {
        f();
    } catch (const core::Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line: " << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

/// An input or output of a graph.
struct Port
{
    std::string name;
    core::Shape shape;
    core::DataType type = core::DataType::Float32;
};

/// A graph with these inputs and outputs; one node joins them.
inline core::Graph graphOf(const std::vector<Port>& inputs,
                           const std::vector<Port>& outputs = {{"out", {1, 10}}})
{
    core::GraphBuilder builder("stub");
    core::Node node;
    node.type = "Stub";
    for (const Port& port : inputs) {
        node.inputs.push_back(builder.input(port.name, port.type, port.shape));
    }
    for (const Port& port : outputs) {
        const core::ValueId id = builder.value(port.name);
        builder.declare(id, port.type, port.shape);
        builder.output(id);
        node.outputs.push_back(id);
    }
    builder.node(node);
    return std::move(builder).finish();
}

inline std::string labelsNpy(const std::vector<std::int64_t>& labels)
{
    return npyBytes("<i8", "(" + std::to_string(labels.size()) + ",)", data_files::bytesOf(labels));
}

} // namespace data_files
