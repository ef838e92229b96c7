#pragma once

#include "kernels/shape/convolution_shape.h"
#include "kernels/shape/thread_setup.h"

#include <cfenv>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

/// Shapes and data that several suites of kernels share.
namespace test {

/// prepareThread() for one test; the next test finds denormals as it expects them.
class PreparedThread
{
public:
    PreparedThread()
    {
        std::fegetenv(&m_before);
        kernels::prepareThread();
    }
    ~PreparedThread() { std::fesetenv(&m_before); }
    PreparedThread(const PreparedThread&) = delete;
    PreparedThread& operator=(const PreparedThread&) = delete;

private:
    std::fenv_t m_before{};
};

struct ConvolutionCase
{
    std::string name;
    kernels::ConvolutionShape shape;
};

inline std::ostream& operator<<(std::ostream& stream, const ConvolutionCase& c) { return stream << c.name; }

struct Square
{
    std::int64_t size, kernel, stride = 1, pad = 0, dilation = 1;
};

inline kernels::ConvolutionShape square(std::int64_t i, std::int64_t o, std::int64_t groups, Square s)
{
    kernels::ConvolutionShape shape;
    shape.srcChannels = i;
    shape.dstChannels = o;
    shape.groups = groups;
    shape.src = {s.size, s.size, 1};
    shape.kernel = {s.kernel, s.kernel, 1};
    shape.stride = {s.stride, s.stride, 1};
    shape.dilation = {s.dilation, s.dilation, 1};
    shape.padBegin = {s.pad, s.pad, 0};
    shape.padEnd = {s.pad, s.pad, 0};
    shape.dst = kernels::dstSizes(shape);
    return shape;
}

/// What image networks are made of: fast kernels are expected for these.
inline std::vector<ConvolutionCase> commonConvolutions()
{
    return {
        {"first7x7s2", square(3, 64, 1, {32, 7, 2, 3})},
        {"dense3x3", square(64, 64, 1, {14, 3, 1, 1})},
        {"dense3x3s2", square(32, 64, 1, {15, 3, 2, 1})},
        {"dense1x1", square(64, 128, 1, {14, 1})},
        {"dense1x1s2", square(64, 128, 1, {14, 1, 2})},
        {"depthwise3x3", square(96, 96, 96, {14, 3, 1, 1})},
        {"depthwise3x3s2", square(96, 96, 96, {15, 3, 2, 1})},
        {"depthwise5x5", square(72, 72, 72, {14, 5, 1, 2})},
        {"grouped32", square(64, 64, 2, {14, 3, 1, 1})},
    };
}

/// The rest: odd channel counts, either side of a vector, groups, dilation, uneven padding, 1-D and 3-D,
/// transposed.
inline std::vector<ConvolutionCase> unusualConvolutions()
{
    std::vector<ConvolutionCase> cases{
        {"one", square(1, 1, 1, {5, 3, 1, 1})},
        {"odd15to17", square(15, 17, 1, {9, 3, 1, 1})},
        {"odd31to33", square(31, 33, 1, {7, 1})},
        {"grouped4", square(32, 32, 8, {9, 3, 1, 1})},
        {"grouped3to5", square(9, 15, 3, {8, 3, 2, 1})},
        {"depthwise15", square(15, 15, 15, {9, 3, 1, 1})},
        {"depthwise17", square(17, 17, 17, {9, 3, 2, 0})},
        {"multiplier2", square(8, 16, 8, {9, 3, 1, 1})},
        {"dilated", square(16, 16, 1, {12, 3, 1, 2, 2})},
        {"dilatedDepthwise", square(16, 16, 16, {12, 3, 1, 2, 2})},
    };
    auto uneven = square(16, 8, 1, {11, 4, 2, 0});
    uneven.padBegin = {0, 1, 0};
    uneven.padEnd = {2, 1, 0};
    uneven.dst = kernels::dstSizes(uneven);
    cases.push_back({"unevenPads", uneven});
    auto batch = square(16, 24, 1, {7, 3, 1, 1});
    batch.batch = 3;
    cases.push_back({"batch3", batch});
    kernels::ConvolutionShape line;
    line.spatialRank = 1;
    line.srcChannels = 12;
    line.dstChannels = 20;
    line.src = {33, 1, 1};
    line.kernel = {5, 1, 1};
    line.stride = {2, 1, 1};
    line.padBegin = {1, 0, 0};
    line.padEnd = {2, 0, 0};
    line.dst = kernels::dstSizes(line);
    cases.push_back({"line", line});
    kernels::ConvolutionShape volume;
    volume.spatialRank = 3;
    volume.srcChannels = 6;
    volume.dstChannels = 10;
    volume.src = {4, 5, 6};
    volume.kernel = {3, 2, 3};
    volume.padBegin = {1, 0, 1};
    volume.padEnd = {1, 1, 1};
    volume.dst = kernels::dstSizes(volume);
    cases.push_back({"volume", volume});
    auto transposed = square(16, 12, 1, {6, 3, 2, 1});
    transposed.transposed = true;
    transposed.outputPadding = {1, 1, 0};
    transposed.dst = kernels::dstSizes(transposed);
    cases.push_back({"transposed", transposed});
    auto transposedGroups = square(16, 8, 4, {6, 4, 2, 1});
    transposedGroups.transposed = true;
    transposedGroups.dst = kernels::dstSizes(transposedGroups);
    cases.push_back({"transposedGroups", transposedGroups});
    return cases;
}

inline std::vector<ConvolutionCase> allConvolutions()
{
    auto cases = commonConvolutions();
    for (auto& c : unusualConvolutions()) {
        cases.push_back(c);
    }
    return cases;
}

inline std::vector<float> randomFloats(std::int64_t count, unsigned seed, float low = -1.0f,
                                       float high = 1.0f)
{
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> distribution(low, high);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
        value = distribution(engine);
    }
    return values;
}

template <typename T>
std::vector<T> randomIntegers(std::int64_t count, unsigned seed, int low, int high)
{
    std::mt19937 engine(seed);
    std::uniform_int_distribution<int> distribution(low, high);
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& value : values) {
        value = static_cast<T>(distribution(engine));
    }
    return values;
}

/// Any byte: every code of U8 and S8.
inline std::vector<std::byte> randomCodes(std::int64_t count, unsigned seed)
{
    const auto values = randomIntegers<std::uint8_t>(count, seed, 0, 255);
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

} // namespace test
