#include "kernels/float/reference_elementwise.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kernels {
namespace {

double combine(BinaryOperation operation, double a, double b)
{
    switch (operation) {
    case BinaryOperation::Add:
        return a + b;
    case BinaryOperation::Sub:
        return a - b;
    case BinaryOperation::Mul:
        return a * b;
    case BinaryOperation::Div:
        return a / b;
    case BinaryOperation::Max:
        return std::max(a, b);
    case BinaryOperation::Min:
        return std::min(a, b);
    }
    return 0.0;
}

} // namespace

void binaryReference(BinaryOperation operation, std::span<const float> a, std::span<const float> b,
                     std::span<float> dst, const Activation& activation)
{
    for (std::size_t i = 0; i < dst.size(); ++i) {
        const double real =
            combine(operation, static_cast<double>(a[i % a.size()]), static_cast<double>(b[i % b.size()]));
        dst[i] = apply(activation, static_cast<float>(real));
    }
}

void binaryReference(BinaryOperation operation, std::span<const std::byte> a, const QuantizedFormat& aFormat,
                     std::span<const std::byte> b, const QuantizedFormat& bFormat, std::span<std::byte> dst,
                     const QuantizedFormat& dstFormat, const Activation& activation)
{
    const auto realOf = [](std::span<const std::byte> codes, const QuantizedFormat& format, std::size_t i) {
        return format.scale
            * static_cast<float>(codeAt(codes, format.type, i % codes.size()) - format.zeroPoint);
    };
    for (std::size_t i = 0; i < dst.size(); ++i) {
        // Of two FP32 numbers a double holds enough that rounding it once more gives FP32's own result.
        const double exact = combine(operation, static_cast<double>(realOf(a, aFormat, i)),
                                     static_cast<double>(realOf(b, bFormat, i)));
        const float real = apply(activation, static_cast<float>(exact));
        storeCode(dst, dstFormat.type, i,
                  codeOfScaled(static_cast<double>(real / dstFormat.scale), dstFormat));
    }
}

void softmaxReference(std::span<const float> src, std::int64_t outer, std::int64_t n, std::int64_t inner,
                      std::span<float> dst)
{
    std::vector<double> powers(static_cast<std::size_t>(n));
    for (std::int64_t row = 0; row < outer; ++row) {
        for (std::int64_t column = 0; column < inner; ++column) {
            const auto at = [&](std::size_t i) {
                return static_cast<std::size_t>(row * n * inner + column)
                    + i * static_cast<std::size_t>(inner);
            };
            double largest = static_cast<double>(src[at(0)]);
            for (std::size_t i = 1; i < powers.size(); ++i) {
                largest = std::max(largest, static_cast<double>(src[at(i)]));
            }
            double sum = 0.0;
            for (std::size_t i = 0; i < powers.size(); ++i) {
                powers[i] = std::exp(static_cast<double>(src[at(i)]) - largest);
                sum += powers[i];
            }
            for (std::size_t i = 0; i < powers.size(); ++i) {
                dst[at(i)] = static_cast<float>(powers[i] / sum);
            }
        }
    }
}

} // namespace kernels
