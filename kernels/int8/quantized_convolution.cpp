#include "kernels/int8/quantized_convolution.h"

#include "kernels/codes/requantization.h"
#include "kernels/int8/integer_convolution.h"
#include "kernels/onednn/onednn_convolution.h"
#include "kernels/shape/isa.h"

#include <algorithm>
#include <cassert>

namespace kernels {

struct QuantizedConvolution::Impl
{
    QuantizedConvolutionSpec spec; ///< spans are void after construction
    std::unique_ptr<const onednn::Convolution> convolution;
    std::optional<IntegerEpilogue> epilogue; ///< set where oneDNN only makes the accumulators
    std::unique_ptr<const IntegerConvolution> own;
    std::string implementation;
};

namespace {

std::vector<float> accumulatorScales(const QuantizedConvolutionSpec& spec)
{
    std::vector<float> scale;
    for (const float weightScale : spec.weightScale) {
        scale.push_back(spec.src.scale * weightScale);
    }
    return scale;
}

std::unique_ptr<const onednn::Convolution> makeFused(const QuantizedConvolutionSpec& spec)
{
    const std::vector<float> bias(spec.bias.begin(), spec.bias.end());
    onednn::Epilogue epilogue;
    if (!hasKernel(spec.activation.kind)) {
        return nullptr; // what follows the sums is computed behind them
    }
    if (spec.dst.type == ElementType::S32) {
        if (!bias.empty()) {
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
    epilogue.srcZeroPoint = spec.src.zeroPoint;
    return onednn::Convolution::make(spec.shape, spec.src.type, ElementType::S8, spec.weights.data(), bias,
                                     spec.dst.type, epilogue);
}

std::unique_ptr<const onednn::Convolution> makeAccumulators(const QuantizedConvolutionSpec& spec)
{
    onednn::Epilogue epilogue;
    epilogue.srcZeroPoint = spec.src.zeroPoint;
    return onednn::Convolution::make(spec.shape, spec.src.type, ElementType::S8, spec.weights.data(), {},
                                     ElementType::S32, epilogue);
}

IntegerEpilogue ownEpilogue(const QuantizedConvolutionSpec& spec)
{
    auto how = makeRequantization(accumulatorScales(spec), spec.dst, spec.activation, spec.residual);
    return {std::move(how), spec.bias, static_cast<std::size_t>(spec.shape.dstChannels)};
}

bool isZero(std::span<const std::int32_t> values)
{
    return std::all_of(values.begin(), values.end(), [](std::int32_t value) { return value == 0; });
}

} // namespace

QuantizedConvolution::QuantizedConvolution(const QuantizedConvolutionSpec& spec, IntegerBackend backend)
{
    assert(static_cast<std::int64_t>(spec.weights.size()) == spec.shape.weightCount());
    assert(!spec.weightScale.empty());
    auto impl = std::make_unique<Impl>();
    const bool usesOneDnn = backend != IntegerBackend::Own && isZero(spec.weightZeroPoint)
        && (backend == IntegerBackend::OneDnn || hasExactInt8());
    if (usesOneDnn) {
        impl->convolution = makeFused(spec);
        if (!impl->convolution) {
            impl->convolution = makeAccumulators(spec);
            if (impl->convolution) {
                impl->epilogue = ownEpilogue(spec);
            }
        }
    }
    if (impl->convolution) {
        impl->implementation = impl->convolution->implementation() + (impl->epilogue ? "+epilogue" : "");
    } else {
        impl->own = std::make_unique<const IntegerConvolution>(spec);
        impl->implementation = "own:exact";
    }
    impl->spec = spec;
    impl->spec.weights = {};
    impl->spec.weightScale = {};
    impl->spec.weightZeroPoint = {};
    impl->spec.bias = {};
    m_impl = std::move(impl);
}

QuantizedConvolution::~QuantizedConvolution() = default;
QuantizedConvolution::QuantizedConvolution(QuantizedConvolution&&) noexcept = default;
QuantizedConvolution& QuantizedConvolution::operator=(QuantizedConvolution&&) noexcept = default;

void QuantizedConvolution::execute(std::span<const std::byte> src, std::span<std::byte> dst,
                                   std::span<const std::byte> residual) const
{
    assert(static_cast<std::int64_t>(src.size()) == m_impl->spec.shape.srcCount());
    assert(dst.size()
           == static_cast<std::size_t>(m_impl->spec.shape.dstCount()) * sizeOf(m_impl->spec.dst.type));
    assert(m_impl->spec.residual.has_value() == !residual.empty());
    if (m_impl->own) {
        m_impl->own->execute(src, dst, residual);
        return;
    }
    if (m_impl->epilogue) {
        thread_local std::vector<std::int32_t> sums;
        sums.resize(static_cast<std::size_t>(m_impl->spec.shape.dstCount()));
        m_impl->convolution->execute(src.data(), sums.data());
        m_impl->epilogue->apply(sums, residual, dst);
        return;
    }
    if (!residual.empty() && residual.data() != dst.data()) {
        std::copy(residual.begin(), residual.end(), dst.begin());
    }
    m_impl->convolution->execute(src.data(), dst.data());
}

const std::string& QuantizedConvolution::implementation() const { return m_impl->implementation; }

} // namespace kernels
