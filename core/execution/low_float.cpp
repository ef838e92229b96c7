#include "core/execution/low_float.h"

#include "core/quantization/obstacles.h"
#include "core/tensor/data_type.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <vector>

namespace core {

namespace {

using Kind = Precision::Kind;

/// The upper `bits` bits of the pattern of x, `added` before. One place for every width: GCC 12 at -O2 drops
/// the mask of one of several calls with constant widths.
float cutOff(float x, int bits, std::uint32_t added)
{
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - bits);
    return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + added) & mask);
}

/// Bits of the FP32 pattern that a fake form keeps.
int keptBits(Kind kind)
{
    switch (kind) {
    case Kind::FakeBfp14:
        return 14;
    case Kind::FakeBfp16:
    case Kind::FakeBfp16Round:
        return 16;
    case Kind::FakeBfp24:
        return 24;
    default:
        return 32;
    }
}

} // namespace

float roundedTo(Precision precision, float x)
{
    if (precision.kind == Kind::Bf16) {
        return toFloat(toBFloat16(x));
    }
    if (precision.kind == Kind::Fp16 || precision.kind == Kind::FakeFp16
        || precision.kind == Kind::WeightFp16) {
        return toFloat(toFloat16(x));
    }
    return cutOff(x, keptBits(precision.kind), precision.kind == Kind::FakeBfp16Round ? 0x8000u : 0u);
}

Tensor roundedTo(Precision precision, const Tensor& tensor)
{
    if (tensor.type() != DataType::Float32) {
        return tensor;
    }
    TensorBuilder result(DataType::Float32, tensor.shape(), tensor.layout());
    std::ranges::transform(tensor.as<float>(), result.as<float>().begin(),
                           [&](float x) { return roundedTo(precision, x); });
    return std::move(result).finish();
}

namespace {

/// FP32 on weights that are what their codes, or 16 bits, say.
Executable compileWeightOnly(const OperatorGraph& graph, const Operator& op, const ResolvedOperator& resolved)
{
    const auto narrow = std::make_shared<Operator>(op);
    narrow->constants[1] = loneWeights(op, resolved);
    const auto inner = std::make_shared<Executable>(compileFloat(graph, *narrow, resolved.backend));
    return {inner->backend, toString(resolved.effective) + ":" + inner->implementation,
            [=](std::span<const Tensor> inputs) {
                (void)narrow; // kept: the float form may refer to it
                return inner->run(inputs);
            }};
}

} // namespace

Tensor loneWeights(const Operator& op, const ResolvedOperator& resolved)
{
    const Tensor& weights = *op.constants[1];
    if (!resolved.weights) {
        return roundedTo(resolved.effective, weights);
    }
    const DequantizedWeights real(op, *resolved.weights);
    TensorBuilder result(DataType::Float32, weights.shape());
    const auto values = result.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(real.at(i));
    }
    return std::move(result).finish();
}

Executable compileLowFloat(const OperatorGraph& graph, const Operator& op, const ResolvedOperator& resolved)
{
    const Precision precision = resolved.effective;
    const Backend backend = resolved.backend;
    if (precision.isWeightOnly()) {
        return compileWeightOnly(graph, op, resolved);
    }
    const auto rounded = std::make_shared<Operator>(op);
    for (auto& constant : rounded->constants) {
        if (constant) {
            constant = roundedTo(precision, *constant);
        }
    }
    const auto inner = std::make_shared<Executable>(compileFloat(graph, *rounded, backend));
    const bool roundsResult = !isFakeForm(precision);
    // `rounded` is kept: the float form may refer to its operator.
    return {inner->backend, toString(precision) + ":" + inner->implementation,
            [=](std::span<const Tensor> inputs) {
                (void)rounded;
                std::vector<Tensor> operands;
                for (const Tensor& input : inputs) {
                    operands.push_back(roundedTo(precision, input));
                }
                std::vector<Tensor> results = inner->run(operands);
                if (roundsResult) {
                    for (Tensor& result : results) {
                        result = roundedTo(precision, result);
                    }
                }
                return results;
            }};
}

} // namespace core
