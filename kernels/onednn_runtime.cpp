#include "kernels/onednn_runtime.h"

#include "kernels/reference_quantize.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>

namespace kernels::onednn {
namespace {

constexpr std::align_val_t kAlignment{64};

void append(dnnl::post_ops& operations, const Activation& activation)
{
    using dnnl::algorithm;
    switch (activation.kind) {
    case Activation::Kind::None:
        break;
    case Activation::Kind::Relu:
        operations.append_eltwise(1.0f, algorithm::eltwise_relu, 0.0f, 0.0f);
        break;
    case Activation::Kind::Clip:
        operations.append_eltwise(1.0f, algorithm::eltwise_clip, activation.alpha, activation.beta);
        break;
    case Activation::Kind::LeakyRelu:
        operations.append_eltwise(1.0f, algorithm::eltwise_relu, activation.alpha, 0.0f);
        break;
    case Activation::Kind::HardSwish:
        // 2.6 fixes the slope to 1/6 and the offset to 1/2, as ONNX does.
        operations.append_eltwise(1.0f, algorithm::eltwise_hardswish, 0.0f, 0.0f);
        break;
    case Activation::Kind::Sigmoid:
        operations.append_eltwise(1.0f, algorithm::eltwise_logistic, 0.0f, 0.0f);
        break;
    }
}

} // namespace

int dataType(ElementType type)
{
    switch (type) {
    case ElementType::U8:
        return dnnl_u8;
    case ElementType::S8:
        return dnnl_s8;
    case ElementType::S32:
        return dnnl_s32;
    default:
        return dnnl_f32;
    }
}

const dnnl::engine& cpuEngine()
{
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream& threadStream()
{
    thread_local dnnl::stream stream(cpuEngine());
    return stream;
}

void AlignedDelete::operator()(std::byte* bytes) const { ::operator delete[](bytes, kAlignment); }

AlignedBytes allocate(std::size_t bytes)
{
    return AlignedBytes(
        static_cast<std::byte*>(::operator new[](std::max<std::size_t>(bytes, 64), kAlignment)));
}

std::byte* threadScratchpad(std::size_t bytes)
{
    thread_local AlignedBytes scratchpad;
    thread_local std::size_t size = 0;
    if (size < bytes) {
        scratchpad.reset();
        scratchpad = allocate(bytes);
        size = bytes;
    }
    return scratchpad.get();
}

dnnl::primitive_attr makeAttributes(const Epilogue& epilogue, int channelMask)
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (!epilogue.scale.empty()) {
        attributes.set_output_scales(epilogue.scale.size() > 1 ? channelMask : 0, epilogue.scale);
    }
    if (epilogue.srcZeroPoint != 0) {
        attributes.set_zero_points(DNNL_ARG_SRC, 0, {epilogue.srcZeroPoint});
    }
    if (epilogue.dstZeroPoint != 0) {
        attributes.set_zero_points(DNNL_ARG_DST, 0, {epilogue.dstZeroPoint});
    }
    dnnl::post_ops operations;
    if (epilogue.sum) {
        operations.append_sum(epilogue.sum->scale, epilogue.sum->zeroPoint,
                              static_cast<dnnl::memory::data_type>(dataType(epilogue.sum->type)));
    }
    append(operations, epilogue.activation);
    if (epilogue.linear != 1.0f) {
        operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_linear, epilogue.linear, 0.0f);
    }
    if (epilogue.clip) {
        operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, epilogue.clip->first,
                                  epilogue.clip->second);
    }
    attributes.set_post_ops(operations);
    return attributes;
}

Epilogue makeEpilogue(std::vector<float> scale, const QuantizedFormat& dst, const Activation& activation,
                      const std::optional<QuantizedFormat>& residual)
{
    Epilogue epilogue;
    epilogue.sum = residual;
    epilogue.scale = std::move(scale);
    epilogue.activation = activation;
    if (dst.type == ElementType::F32) {
        return epilogue;
    }
    using Kind = Activation::Kind;
    epilogue.dstZeroPoint = dst.zeroPoint;
    const float inverse = 1.0f / dst.scale;
    const bool commutes = activation.kind != Kind::HardSwish && activation.kind != Kind::Sigmoid;
    if (commutes) {
        for (float& value : epilogue.scale) {
            value = static_cast<float>(static_cast<double>(value) / static_cast<double>(dst.scale));
        }
        if (epilogue.sum) {
            epilogue.sum->scale = epilogue.sum->scale / dst.scale;
        }
    } else {
        epilogue.linear = inverse;
    }
    // Rounding and saturation are monotone, so a bound on the real value is a bound on the code.
    std::int32_t lowest = dst.lowest;
    std::int32_t highest = dst.highest;
    if (activation.kind == Kind::Relu) {
        lowest = std::max(lowest, dst.zeroPoint);
    } else if (activation.kind == Kind::Clip) {
        lowest = std::max(
            lowest,
            codeOfScaled(static_cast<double>(activation.alpha) / static_cast<double>(dst.scale), dst));
        highest = std::min(
            highest,
            codeOfScaled(static_cast<double>(activation.beta) / static_cast<double>(dst.scale), dst));
    }
    if (activation.kind == Kind::Relu || activation.kind == Kind::Clip) {
        epilogue.activation = {};
    }
    const std::int32_t typeLowest = dst.type == ElementType::U8 ? 0 : -128;
    const std::int32_t typeHighest = dst.type == ElementType::U8 ? 255 : 127;
    if (lowest == dst.zeroPoint && lowest > typeLowest && highest == typeHighest
        && epilogue.activation.kind == Kind::None) {
        epilogue.activation = {Kind::Relu, 0.0f, 0.0f};
    } else if (lowest > typeLowest || highest < typeHighest) {
        epilogue.clip.emplace(static_cast<float>(lowest - dst.zeroPoint),
                              static_cast<float>(highest - dst.zeroPoint));
    }
    return epilogue;
}

bool isSlow(const std::string& implementation, bool isInteger)
{
    return implementation.find("ref") != std::string::npos
        || (isInteger && implementation.find("gemm_") != std::string::npos);
}

} // namespace kernels::onednn
