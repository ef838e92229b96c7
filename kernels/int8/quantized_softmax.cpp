#include "kernels/int8/quantized_softmax.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace kernels {

namespace {

constexpr double kUnit = 1 << 30; // of the table: 2³³ values of the largest entry still sum up in 64 bits

std::uint32_t exponential(float scale, int difference)
{
    return static_cast<std::uint32_t>(
        std::nearbyint(kUnit * std::exp(-static_cast<double>(scale) * difference)));
}

std::byte quotient(std::uint32_t exponential, double denominator, const QuantizedFormat& dst)
{
    const double code = std::nearbyint(exponential / denominator) + dst.zeroPoint;
    return static_cast<std::byte>(static_cast<int>(
        std::clamp(code, static_cast<double>(dst.lowest), static_cast<double>(dst.highest))));
}

} // namespace

QuantizedSoftmax::QuantizedSoftmax(const SoftmaxShape& shape, const QuantizedFormat& src,
                                   const QuantizedFormat& dst)
    : m_shape(shape)
    , m_dst(dst)
    , m_flip(src.type == ElementType::S8 ? 0x80 : 0)
{
    assert(sizeOf(src.type) == 1 && sizeOf(dst.type) == 1);
    for (std::size_t d = 0; d < m_exponentials.size(); ++d) {
        m_exponentials[d] = exponential(src.scale, static_cast<int>(d));
    }
}

void QuantizedSoftmax::execute(std::span<const std::byte> src, std::span<std::byte> dst) const
{
    const std::size_t block = m_shape.n * m_shape.inner;
    assert(src.size() == m_shape.outer * block && dst.size() == src.size());
    for (std::size_t begin = 0; begin < src.size(); begin += block) {
        if (m_shape.inner == 1) {
            row(src.subspan(begin, block), dst.subspan(begin, block));
        } else {
            columns(src.subspan(begin, block), dst.subspan(begin, block));
        }
    }
}

std::byte QuantizedSoftmax::code(std::size_t difference, double denominator) const
{
    return quotient(m_exponentials[difference], denominator, m_dst);
}

void QuantizedSoftmax::row(std::span<const std::byte> src, std::span<std::byte> dst) const
{
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(static_cast<std::uint8_t>(src[i]) ^ m_flip);
    };
    std::uint8_t max = 0;
    for (std::size_t i = 0; i < src.size(); ++i) {
        max = std::max(max, at(i));
    }
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < src.size(); ++i) {
        sum += m_exponentials[static_cast<std::size_t>(max - at(i))];
    }
    const double denominator = static_cast<double>(sum) * static_cast<double>(m_dst.scale);
    if (src.size() <= m_exponentials.size()) {
        for (std::size_t i = 0; i < src.size(); ++i) {
            dst[i] = code(static_cast<std::size_t>(max - at(i)), denominator);
        }
        return;
    }
    std::array<std::byte, 256> codes{}; // a long row has each difference many times: divide once
    for (std::size_t d = 0; d <= max; ++d) {
        codes[d] = code(d, denominator);
    }
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = codes[static_cast<std::size_t>(max - at(i))];
    }
}

void QuantizedSoftmax::columns(std::span<const std::byte> src, std::span<std::byte> dst) const
{
    const std::size_t width = m_shape.inner;
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(static_cast<std::uint8_t>(src[i]) ^ m_flip);
    };
    std::vector<std::uint8_t> max(width, 0);
    for (std::size_t k = 0; k < m_shape.n; ++k) {
        for (std::size_t i = 0; i < width; ++i) {
            max[i] = std::max(max[i], at(k * width + i));
        }
    }
    std::vector<std::uint64_t> sums(width, 0);
    for (std::size_t k = 0; k < m_shape.n; ++k) {
        for (std::size_t i = 0; i < width; ++i) {
            sums[i] += m_exponentials[static_cast<std::size_t>(max[i] - at(k * width + i))];
        }
    }
    for (std::size_t k = 0; k < m_shape.n; ++k) {
        for (std::size_t i = 0; i < width; ++i) {
            dst[k * width + i] = code(static_cast<std::size_t>(max[i] - at(k * width + i)),
                                      static_cast<double>(sums[i]) * static_cast<double>(m_dst.scale));
        }
    }
}

void referenceSoftmax(const SoftmaxShape& shape, std::span<const std::byte> src,
                      const QuantizedFormat& srcFormat, std::span<std::byte> dst,
                      const QuantizedFormat& dstFormat)
{
    for (std::size_t o = 0; o < shape.outer * shape.inner; ++o) {
        const auto index = [&](std::size_t k) {
            return (o / shape.inner * shape.n + k) * shape.inner + o % shape.inner;
        };
        const auto code = [&](std::size_t k) {
            const std::byte byte = src[index(k)];
            return srcFormat.type == ElementType::S8 ? static_cast<int>(static_cast<std::int8_t>(byte))
                                                     : static_cast<int>(byte);
        };
        int max = -128;
        for (std::size_t k = 0; k < shape.n; ++k) {
            max = std::max(max, code(k));
        }
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < shape.n; ++k) {
            sum += exponential(srcFormat.scale, max - code(k));
        }
        for (std::size_t k = 0; k < shape.n; ++k) {
            dst[index(k)] =
                quotient(exponential(srcFormat.scale, max - code(k)),
                         static_cast<double>(sum) * static_cast<double>(dstFormat.scale), dstFormat);
        }
    }
}

} // namespace kernels
