#include "kernels/int8/quantized_sum.h"

#include "kernels/codes/byte_code.h"
#include "kernels/codes/quantize.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <vector>

namespace kernels {

namespace {

constexpr std::size_t kBlock = 1024;

void store(std::span<const float> reals, std::span<std::byte> dst, const QuantizedFormat& format)
{
    if (format.type == ElementType::F32) {
        std::memcpy(dst.data(), reals.data(), reals.size_bytes());
    } else {
        quantizeLinear(reals, format, dst);
    }
}

/// The code of one real number, as quantizeLinear.
void storeOne(float real, std::span<std::byte> dst, std::size_t i, const QuantizedFormat& format)
{
    if (format.type == ElementType::F32) {
        std::memcpy(dst.data() + i * sizeof real, &real, sizeof real);
        return;
    }
    const double code = static_cast<double>(std::nearbyint(real / format.scale)) + format.zeroPoint;
    dst[i] = static_cast<std::byte>(static_cast<int>(
        std::clamp(code, static_cast<double>(format.lowest), static_cast<double>(format.highest))));
}

} // namespace

void sum(std::span<const SumOperand> operands, std::span<std::byte> dst, const QuantizedFormat& dstFormat)
{
    const std::size_t count = dst.size() / sizeOf(dstFormat.type);
    std::array<float, kBlock> total;
    std::array<float, kBlock> addend;
    for (std::size_t begin = 0; begin < count; begin += kBlock) {
        const std::size_t length = std::min(kBlock, count - begin);
        for (std::size_t k = 0; k < operands.size(); ++k) {
            const SumOperand& operand = operands[k];
            const std::span<float> to(k == 0 ? total.data() : addend.data(), length);
            std::size_t done = 0;
            while (done < length) { // a repeated operand comes in pieces
                const std::size_t at = (begin + done) % operand.codes.size();
                const std::size_t piece = std::min(length - done, operand.codes.size() - at);
                dequantizeLinear(operand.codes.subspan(at, piece), operand.format, to.subspan(done, piece));
                done += piece;
            }
            for (std::size_t i = 0; k > 0 && i < length; ++i) {
                total[i] += addend[i];
            }
        }
        const std::size_t size = sizeOf(dstFormat.type);
        store(std::span(total).first(length), dst.subspan(begin * size, length * size), dstFormat);
    }
}

void referenceSum(std::span<const SumOperand> operands, std::span<std::byte> dst,
                  const QuantizedFormat& dstFormat)
{
    const std::size_t count = dst.size() / sizeOf(dstFormat.type);
    for (std::size_t i = 0; i < count; ++i) {
        float total = 0.0f;
        for (std::size_t k = 0; k < operands.size(); ++k) {
            const SumOperand& o = operands[k];
            const int d = byteCodeAt(o.codes, o.format.type, i % o.codes.size()) - o.format.zeroPoint;
            const float real = o.format.scale * static_cast<float>(d);
            total = k == 0 ? real : total + real;
        }
        storeOne(total, dst, i, dstFormat);
    }
}

void reduceSum(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::int64_t outer,
               std::int64_t n, std::int64_t inner, double factor, std::span<std::byte> dst,
               const QuantizedFormat& dstFormat)
{
    assert(static_cast<std::int64_t>(src.size()) == outer * n * inner);
    const auto width = static_cast<std::size_t>(inner);
    const auto scale = static_cast<float>(static_cast<double>(srcFormat.scale) * factor);
    std::vector<std::int64_t> sums(width);
    std::vector<float> reals(width);
    const std::size_t size = sizeOf(dstFormat.type);
    for (std::int64_t o = 0; o < outer; ++o) {
        std::ranges::fill(sums, -n * srcFormat.zeroPoint);
        for (std::int64_t k = 0; k < n; ++k) {
            const auto row = src.subspan(static_cast<std::size_t>((o * n + k) * inner), width);
            if (srcFormat.type == ElementType::S8) {
                for (std::size_t i = 0; i < width; ++i) {
                    sums[i] += static_cast<std::int8_t>(row[i]);
                }
            } else {
                for (std::size_t i = 0; i < width; ++i) {
                    sums[i] += static_cast<std::uint8_t>(row[i]);
                }
            }
        }
        for (std::size_t i = 0; i < width; ++i) {
            reals[i] = scale * static_cast<float>(sums[i]);
        }
        store(reals, dst.subspan(static_cast<std::size_t>(o) * width * size, width * size), dstFormat);
    }
}

void referenceReduce(std::span<const std::byte> src, const QuantizedFormat& srcFormat, std::int64_t outer,
                     std::int64_t n, std::int64_t inner, double factor, std::span<std::byte> dst,
                     const QuantizedFormat& dstFormat)
{
    for (std::int64_t i = 0; i < outer * inner; ++i) {
        std::int64_t sum = 0;
        for (std::int64_t k = 0; k < n; ++k) {
            const auto at = static_cast<std::size_t>((i / inner * n + k) * inner + i % inner);
            sum += byteCodeAt(src, srcFormat.type, at) - srcFormat.zeroPoint;
        }
        const float real =
            static_cast<float>(static_cast<double>(srcFormat.scale) * factor) * static_cast<float>(sum);
        storeOne(real, dst, static_cast<std::size_t>(i), dstFormat);
    }
}

} // namespace kernels
