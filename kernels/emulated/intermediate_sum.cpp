#include "kernels/emulated/intermediate_sum.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/fixed_point.h"

#include <array>
#include <cassert>
#include <vector>

namespace kernels {

namespace {

constexpr auto kOrder = RoundingOrder::RoundThenAddZeroPoint;

/// t − z of one difference of codes.
std::int32_t intermediateOf(const SumIntermediate& through, std::int32_t difference, float factor)
{
    const CodeBounds bounds{0, (1 << through.bits) - 1};
    return requantizeFloat(difference, factor, through.zeroPoint, bounds, kOrder) - through.zeroPoint;
}

std::int32_t resultOf(const SumIntermediate& through, std::int32_t sum, const QuantizedFormat& dst)
{
    return requantizeFloat(sum, through.scale / dst.scale, dst.zeroPoint, {dst.lowest, dst.highest}, kOrder);
}

} // namespace

void sumThrough(const SumIntermediate& through, std::span<const IntermediateOperand> operands,
                std::span<std::byte> dst, const QuantizedFormat& dstFormat)
{
    std::vector<std::array<std::int32_t, 256>> tables(operands.size());
    for (std::size_t k = 0; k < operands.size(); ++k) {
        assert(operands[k].codes.size() == dst.size());
        const QuantizedFormat& format = operands[k].format;
        for (int byte = 0; byte < 256; ++byte) {
            const int code = format.type == ElementType::S8 ? static_cast<std::int8_t>(byte) : byte;
            tables[k][static_cast<std::size_t>(byte)] =
                intermediateOf(through, code - format.zeroPoint, format.scale / through.scale);
        }
    }
    for (std::size_t i = 0; i < dst.size(); ++i) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < operands.size(); ++k) {
            sum += tables[k][static_cast<std::size_t>(operands[k].codes[i])];
        }
        dst[i] = static_cast<std::byte>(resultOf(through, sum, dstFormat));
    }
}

void referenceSumThrough(const SumIntermediate& through, std::span<const IntermediateOperand> operands,
                         std::span<std::byte> dst, const QuantizedFormat& dstFormat)
{
    for (std::size_t i = 0; i < dst.size(); ++i) {
        std::int32_t sum = 0;
        for (const IntermediateOperand& operand : operands) {
            const std::int32_t code = codeAt(operand.codes, operand.format.type, i);
            sum += intermediateOf(through, code - operand.format.zeroPoint,
                                  operand.format.scale / through.scale);
        }
        storeCode(dst, dstFormat.type, i, resultOf(through, sum, dstFormat));
    }
}

} // namespace kernels
