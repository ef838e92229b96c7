#include "kernels/onednn/onednn_runtime.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <new>
#include <omp.h>

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
    case Activation::Kind::Tanh:
    case Activation::Kind::Exp:
    case Activation::Kind::Sqrt:
    case Activation::Kind::Abs:
    case Activation::Kind::Elu:
    case Activation::Kind::Gelu:
        assert(!"is computed behind the primitive");
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
    if (epilogue.round) {
        operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_round, 0.0f, 0.0f);
    }
    attributes.set_post_ops(operations);
    return attributes;
}

Epilogue makeEpilogue(const Requantization& how)
{
    Epilogue epilogue;
    epilogue.scale = how.multiplier;
    epilogue.activation = how.activation;
    epilogue.sum = how.residual;
    if (epilogue.sum) {
        epilogue.sum->scale = how.residualMultiplier;
    }
    const QuantizedFormat& dst = how.dst;
    if (dst.type == ElementType::F32) {
        return epilogue;
    }
    epilogue.linear = 1.0f / how.divisor;
    epilogue.dstZeroPoint = dst.zeroPoint;
    epilogue.round = dst.zeroPoint != 0;
    const std::int32_t typeLowest = dst.type == ElementType::U8 ? 0 : -128;
    const std::int32_t typeHighest = dst.type == ElementType::U8 ? 255 : 127;
    if (dst.lowest == dst.zeroPoint && dst.lowest > typeLowest && dst.highest == typeHighest
        && epilogue.activation.kind == Activation::Kind::None) {
        epilogue.activation = {Activation::Kind::Relu, 0.0f, 0.0f};
    } else if (dst.lowest > typeLowest || dst.highest < typeHighest) {
        epilogue.clip.emplace(static_cast<float>(dst.lowest - dst.zeroPoint),
                              static_cast<float>(dst.highest - dst.zeroPoint));
    }
    return epilogue;
}

bool isExactInFp32(std::span<const std::int32_t> values)
{
    constexpr std::int32_t kLargest = 1 << 24;
    return std::ranges::all_of(values,
                               [](std::int32_t value) { return value >= -kLargest && value <= kLargest; });
}

OneThread::OneThread()
    : m_before(omp_get_max_threads())
{
    omp_set_num_threads(1);
}

OneThread::~OneThread() { omp_set_num_threads(m_before); }

void execute(const dnnl::primitive& primitive, std::span<const Argument> arguments)
{
    constexpr std::size_t kMost = 8;
    assert(arguments.size() <= kMost);
    std::array<dnnl_exec_arg_t, kMost> given;
    std::transform(arguments.begin(), arguments.end(), given.begin(), [](const Argument& argument) {
        return dnnl_exec_arg_t{argument.index, argument.memory.get()};
    });
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive.get(), threadStream().get(),
                                                   static_cast<int>(arguments.size()), given.data()),
                            "could not execute a primitive");
}

bool isSlow(const std::string& implementation, bool isInteger)
{
    return implementation.find("ref") != std::string::npos
        || (isInteger && implementation.find("gemm_") != std::string::npos);
}

} // namespace kernels::onednn
