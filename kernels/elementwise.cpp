#include "kernels/elementwise.h"

#include "kernels/quantize.h"

#include <algorithm>
#include <cassert>

namespace kernels {
namespace {

/// Plain loops over equal spans, or with one operand constant; the compiler vectorizes each.
template <typename Function>
void loop(Function f, const float* a, bool aRepeats, const float* b, bool bRepeats, float* dst,
          std::size_t count)
{
    if (aRepeats) {
        const float left = *a;
        for (std::size_t i = 0; i < count; ++i) {
            dst[i] = f(left, b[i]);
        }
    } else if (bRepeats) {
        const float right = *b;
        for (std::size_t i = 0; i < count; ++i) {
            dst[i] = f(a[i], right);
        }
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            dst[i] = f(a[i], b[i]);
        }
    }
}

void block(BinaryOperation operation, const float* a, bool aRepeats, const float* b, bool bRepeats,
           float* dst, std::size_t count)
{
    const auto run = [&](auto f) { loop(f, a, aRepeats, b, bRepeats, dst, count); };
    switch (operation) {
    case BinaryOperation::Add:
        return run([](float x, float y) { return x + y; });
    case BinaryOperation::Sub:
        return run([](float x, float y) { return x - y; });
    case BinaryOperation::Mul:
        return run([](float x, float y) { return x * y; });
    case BinaryOperation::Div:
        return run([](float x, float y) { return x / y; });
    case BinaryOperation::Max:
        return run([](float x, float y) { return x < y ? y : x; });
    case BinaryOperation::Min:
        return run([](float x, float y) { return y < x ? y : x; });
    }
}

/// How far one step may go so that neither operand wraps around inside it.
std::size_t stepFrom(std::size_t i, std::size_t size, std::size_t limit)
{
    return size == 1 ? limit : std::min(limit, size - i % size);
}

} // namespace

void binary(BinaryOperation operation, std::span<const float> a, std::span<const float> b,
            std::span<float> dst, const Activation& activation)
{
    assert(!a.empty() && !b.empty());
    constexpr std::size_t kBlock = 4096; // the activation finds the block in the cache
    for (std::size_t i = 0; i < dst.size();) {
        const std::size_t step =
            stepFrom(i, b.size(), stepFrom(i, a.size(), std::min(kBlock, dst.size() - i)));
        const bool aRepeats = a.size() == 1 && step > 1;
        const bool bRepeats = b.size() == 1 && step > 1 && !aRepeats;
        if (aRepeats && b.size() == 1) { // both are single values
            const float pair = b[0];
            for (std::size_t k = 0; k < step; ++k) {
                block(operation, a.data(), false, &pair, false, dst.data() + i + k, 1);
            }
        } else {
            block(operation, a.data() + i % a.size(), aRepeats, b.data() + i % b.size(), bRepeats,
                  dst.data() + i, step);
        }
        if (activation.kind != Activation::Kind::None) {
            activate(activation, dst.subspan(i, step), dst.subspan(i, step));
        }
        i += step;
    }
}

void binary(BinaryOperation operation, std::span<const std::byte> a, const QuantizedFormat& aFormat,
            std::span<const std::byte> b, const QuantizedFormat& bFormat, std::span<std::byte> dst,
            const QuantizedFormat& dstFormat, const Activation& activation)
{
    assert(!a.empty() && !b.empty());
    constexpr std::size_t kBlock = 1024;
    std::array<float, kBlock> left;
    std::array<float, kBlock> right;
    // Fills values with dequantized codes i, i + 1, … of an operand that repeats.
    const auto fill = [](std::span<const std::byte> codes, const QuantizedFormat& format, std::size_t i,
                         std::span<float> values) {
        if (codes.size() == 1) {
            dequantizeLinear(codes, format, values.first(1));
            std::fill(values.begin() + 1, values.end(), values[0]);
            return;
        }
        for (std::size_t k = 0; k < values.size();) {
            const std::size_t from = (i + k) % codes.size();
            const std::size_t n = std::min(values.size() - k, codes.size() - from);
            dequantizeLinear(codes.subspan(from, n), format, values.subspan(k, n));
            k += n;
        }
    };
    for (std::size_t i = 0; i < dst.size(); i += kBlock) {
        const std::size_t n = std::min(kBlock, dst.size() - i);
        const auto values = std::span(left).first(n);
        fill(a, aFormat, i, values);
        fill(b, bFormat, i, std::span(right).first(n));
        block(operation, left.data(), false, right.data(), false, left.data(), n);
        if (activation.kind != Activation::Kind::None) {
            activate(activation, values, values);
        }
        quantizeLinear(values, dstFormat, dst.subspan(i, n));
    }
}

void lookup(std::span<const std::byte> src, const LookupTable& table, std::span<std::byte> dst)
{
    assert(src.size() == dst.size());
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<std::byte>(table[static_cast<std::uint8_t>(src[i])]);
    }
}

} // namespace kernels
