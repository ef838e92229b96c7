#include "kernels/int8/quantized_matmul.h"

#include "kernels/codes/requantization.h"
#include "kernels/int8/integer_matmul.h"
#include "kernels/int8/zero_point_terms.h"
#include "kernels/onednn/onednn_matmul.h"
#include "kernels/shape/isa.h"

#include <algorithm>
#include <cassert>

namespace kernels {

struct QuantizedMatMul::Impl
{
    QuantizedMatMulSpec spec; ///< spans are void after construction
    std::unique_ptr<const onednn::MatMul> product;
    std::optional<IntegerEpilogue> epilogue; ///< set where oneDNN only makes the accumulators
    std::optional<ZeroPointTerms> terms; ///< set where it makes them without zero points
    std::vector<std::int32_t> columnSums; ///< of a constant B, for the terms
    std::unique_ptr<const IntegerMatMul> own;
    std::string implementation;
};

namespace {

/// U8 codes as S8: oneDNN takes no others as second operand. The zero point moves along, by 128.
void shiftToSigned(std::span<const std::byte> codes, std::vector<std::byte>& shifted)
{
    shifted.resize(codes.size());
    std::transform(codes.begin(), codes.end(), shifted.begin(),
                   [](std::byte code) { return code ^ std::byte{0x80}; });
}

std::vector<float> accumulatorScales(const QuantizedMatMulSpec& spec)
{
    std::vector<float> scale;
    for (const float bScale : spec.bScale) {
        scale.push_back(spec.a.scale * bScale);
    }
    return scale;
}

struct SignedB
{
    const void* codes;
    std::int32_t zeroPoint;
};

/// oneDNN takes zero points off in FP32, so beyond 2²⁴ we do it.
bool needsTerms(const QuantizedMatMulSpec& spec, const SignedB& b)
{
    constexpr std::int64_t kLargestProduct = 255 * 255;
    constexpr std::int64_t kResolved = 1 << 24;
    return (spec.a.zeroPoint != 0 || b.zeroPoint != 0) && spec.shape.k * kLargestProduct > kResolved;
}

std::unique_ptr<const onednn::MatMul> makeFused(const QuantizedMatMulSpec& spec, const SignedB& b)
{
    const std::vector<float> bias(spec.bias.begin(), spec.bias.end());
    onednn::Epilogue epilogue;
    if (!hasKernel(spec.activation.kind)) {
        return nullptr; // what follows the sums is computed behind them
    }
    if (spec.dst.type == ElementType::S32) {
        if (!bias.empty() || needsTerms(spec, b)) {
            return nullptr; // oneDNN would pass the sums through FP32
        }
    } else {
        epilogue = onednn::makeEpilogue(
            makeRequantization(accumulatorScales(spec), spec.dst, spec.activation, spec.residual));
        if (!onednn::isExactInFp32(spec.bias)) {
            return nullptr; // sums are added in FP32
        }
        if (spec.residual && sizeOf(spec.dst.type) != 1) {
            return nullptr; // the sum reads codes where dst writes floats
        }
    }
    epilogue.srcZeroPoint = spec.a.zeroPoint;
    return onednn::MatMul::make(spec.shape, spec.a.type, ElementType::S8, b.codes, b.zeroPoint, bias,
                                spec.dst.type, epilogue);
}

std::unique_ptr<const onednn::MatMul> makeAccumulators(const QuantizedMatMulSpec& spec, const SignedB& b)
{
    onednn::Epilogue epilogue;
    if (needsTerms(spec, b)) {
        return onednn::MatMul::make(spec.shape, spec.a.type, ElementType::S8, b.codes, 0, {},
                                    ElementType::S32, epilogue);
    }
    epilogue.srcZeroPoint = spec.a.zeroPoint;
    return onednn::MatMul::make(spec.shape, spec.a.type, ElementType::S8, b.codes, b.zeroPoint, {},
                                ElementType::S32, epilogue);
}

IntegerEpilogue ownEpilogue(const QuantizedMatMulSpec& spec)
{
    auto how = makeRequantization(accumulatorScales(spec), spec.dst, spec.activation, spec.residual);
    return {std::move(how), spec.bias, static_cast<std::size_t>(spec.shape.n)};
}

bool isConstant(std::span<const std::int32_t> values)
{
    return std::all_of(values.begin(), values.end(),
                       [&](std::int32_t value) { return value == values.front(); });
}

} // namespace

QuantizedMatMul::QuantizedMatMul(const QuantizedMatMulSpec& spec, IntegerBackend backend)
{
    assert(spec.b.empty() || static_cast<std::int64_t>(spec.b.size()) == spec.shape.bCount());
    assert(!spec.bScale.empty());
    auto impl = std::make_unique<Impl>();
    if (backend != IntegerBackend::Own && isConstant(spec.bZeroPoint)
        && (backend == IntegerBackend::OneDnn || hasExactInt8())) {
        std::vector<std::byte> shifted;
        SignedB b{spec.b.empty() ? nullptr : spec.b.data(),
                  spec.bZeroPoint.empty() ? 0 : spec.bZeroPoint.front()};
        if (spec.bType == ElementType::U8) {
            b.zeroPoint -= 128;
            if (!spec.b.empty()) {
                shiftToSigned(spec.b, shifted);
                b.codes = shifted.data();
            }
        }
        impl->product = makeFused(spec, b);
        if (!impl->product) {
            impl->product = makeAccumulators(spec, b);
            if (impl->product) {
                impl->epilogue = ownEpilogue(spec);
                if (needsTerms(spec, b)) {
                    impl->terms.emplace(spec.shape, spec.a.type, spec.a.zeroPoint, b.zeroPoint);
                    if (b.codes) {
                        impl->columnSums =
                            impl->terms->columnSums({static_cast<const std::byte*>(b.codes), spec.b.size()});
                    }
                }
            }
        }
    }
    if (impl->product) {
        impl->implementation = impl->product->implementation() + (impl->epilogue ? "+epilogue" : "");
    } else {
        impl->own = std::make_unique<const IntegerMatMul>(spec);
        impl->implementation = "own:exact";
    }
    impl->spec = spec;
    impl->spec.b = {};
    impl->spec.bScale = {};
    impl->spec.bZeroPoint = {};
    impl->spec.bias = {};
    m_impl = std::move(impl);
}

QuantizedMatMul::~QuantizedMatMul() = default;
QuantizedMatMul::QuantizedMatMul(QuantizedMatMul&&) noexcept = default;
QuantizedMatMul& QuantizedMatMul::operator=(QuantizedMatMul&&) noexcept = default;

void QuantizedMatMul::execute(std::span<const std::byte> a, std::span<std::byte> dst,
                              std::span<const std::byte> residual) const
{
    executeWith(a, {}, dst, residual);
}

void QuantizedMatMul::executeWith(std::span<const std::byte> a, std::span<const std::byte> b,
                                  std::span<std::byte> dst, std::span<const std::byte> residual) const
{
    const auto& spec = m_impl->spec;
    assert(static_cast<std::int64_t>(a.size()) == spec.shape.aCount());
    assert(dst.size() == static_cast<std::size_t>(spec.shape.dstCount()) * sizeOf(spec.dst.type));
    assert(spec.residual.has_value() == !residual.empty());
    if (m_impl->own) {
        m_impl->own->execute(a, b, dst, residual);
        return;
    }
    thread_local std::vector<std::byte> shifted;
    const std::byte* codes = b.empty() ? nullptr : b.data();
    if (!b.empty() && spec.bType == ElementType::U8) {
        shiftToSigned(b, shifted);
        codes = shifted.data();
    }
    if (m_impl->epilogue) {
        thread_local std::vector<std::int32_t> sums;
        sums.resize(static_cast<std::size_t>(spec.shape.dstCount()));
        m_impl->product->execute(a.data(), codes, sums.data());
        if (m_impl->terms) {
            m_impl->terms->apply(a, codes ? m_impl->terms->columnSums({codes, b.size()}) : m_impl->columnSums,
                                 sums);
        }
        m_impl->epilogue->apply(sums, residual, dst);
        return;
    }
    if (!residual.empty() && residual.data() != dst.data()) {
        std::copy(residual.begin(), residual.end(), dst.begin());
    }
    m_impl->product->execute(a.data(), codes, dst.data());
}

const std::string& QuantizedMatMul::implementation() const { return m_impl->implementation; }

} // namespace kernels
