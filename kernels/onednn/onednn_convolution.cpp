#include "kernels/onednn/onednn_convolution.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace kernels::onednn {
namespace {

using dnnl::memory;

memory::format_tag channelsLast(int spatialRank)
{
    using Tag = memory::format_tag;
    return spatialRank == 1 ? Tag::nwc : spatialRank == 2 ? Tag::nhwc : Tag::ndhwc;
}

memory::dims spatial(const ConvolutionShape& shape, const ConvolutionShape::Sizes& sizes,
                     std::int64_t offset = 0)
{
    memory::dims dims;
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.spatialRank); ++i) {
        dims.push_back(sizes[i] + offset);
    }
    return dims;
}

memory::dims activationDims(const ConvolutionShape& shape, std::int64_t channels,
                            const ConvolutionShape::Sizes& sizes)
{
    memory::dims dims{shape.batch, channels};
    const auto tail = spatial(shape, sizes);
    dims.insert(dims.end(), tail.begin(), tail.end());
    return dims;
}

/// ([groups,] O/groups, I/groups, kernel…) as oneDNN numbers the axes, lying in memory as ONNX orders them.
std::pair<memory::dims, memory::dims> weightDims(const ConvolutionShape& shape)
{
    const auto o = shape.dstChannels / shape.groups;
    const auto i = shape.srcChannels / shape.groups;
    const auto taps = shape.taps();
    memory::dims dims{o, i};
    memory::dims strides = shape.transposed ? memory::dims{taps, o * taps} : memory::dims{i * taps, taps};
    if (shape.groups > 1) {
        dims.insert(dims.begin(), shape.groups);
        strides.insert(strides.begin(), o * i * taps);
    }
    auto rest = taps;
    for (const auto size : spatial(shape, shape.kernel)) {
        rest /= size;
        dims.push_back(size);
        strides.push_back(rest);
    }
    return {dims, strides};
}

} // namespace

struct Convolution::Impl
{
    memory::desc src;
    memory::desc dst;
    memory::desc weightsDesc;
    memory::desc biasDesc;
    memory::desc scratchpad;
    dnnl::primitive primitive;
    std::string implementation;
    AlignedBytes weights;
    std::vector<float> bias;
    memory weightsMemory; ///< over `weights` and `bias`: made once, read by every run
    memory biasMemory;

    template <typename Kind>
    void build(const ConvolutionShape& shape, dnnl::algorithm algorithm, const memory::desc& userWeights,
               const void* weightData, const memory::desc& anyWeights,
               const dnnl::primitive_attr& attributes);
};

template <typename Kind>
void Convolution::Impl::build(const ConvolutionShape& shape, dnnl::algorithm algorithm,
                              const memory::desc& userWeights, const void* weightData,
                              const memory::desc& anyWeights, const dnnl::primitive_attr& attributes)
{
    const auto& engine = cpuEngine();
    auto padEnd = spatial(shape, shape.padEnd);
    if (shape.transposed) {
        for (std::size_t i = 0; i < padEnd.size(); ++i) {
            padEnd[i] -= shape.outputPadding[i];
        }
    }
    const typename Kind::desc desc(dnnl::prop_kind::forward_inference, algorithm, src, anyWeights, biasDesc,
                                   dst, spatial(shape, shape.stride), spatial(shape, shape.dilation, -1),
                                   spatial(shape, shape.padBegin), padEnd);
    const typename Kind::primitive_desc primitiveDesc(desc, attributes, engine);
    implementation = primitiveDesc.impl_info_str();
    if (isSlow(implementation, src.data_type() != memory::data_type::f32)) {
        return;
    }
    primitive = Kind(primitiveDesc);
    scratchpad = primitiveDesc.scratchpad_desc();
    weightsDesc = primitiveDesc.weights_desc();
    weights = allocate(weightsDesc.get_size());
    std::memset(weights.get(), 0, weightsDesc.get_size());
    memory from(userWeights, engine, const_cast<void*>(weightData));
    memory to(weightsDesc, engine, weights.get());
    dnnl::reorder(from, to).execute(threadStream(), from, to);
    threadStream().wait();
}

Convolution::Convolution(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Convolution::~Convolution() = default;

std::unique_ptr<const Convolution> Convolution::make(const ConvolutionShape& shape, ElementType src,
                                                     ElementType weightType, const void* weights,
                                                     std::span<const float> bias, ElementType dst,
                                                     const Epilogue& epilogue)
{
    const OneThread oneThread;
    const auto tag = channelsLast(shape.spatialRank);
    const auto [dims, strides] = weightDims(shape);
    auto impl = std::make_unique<Impl>();
    try {
        impl->src = {activationDims(shape, shape.srcChannels, shape.src),
                     static_cast<memory::data_type>(dataType(src)), tag};
        impl->dst = {activationDims(shape, shape.dstChannels, shape.dst),
                     static_cast<memory::data_type>(dataType(dst)), tag};
        if (!bias.empty()) {
            impl->bias.assign(bias.begin(), bias.end());
            impl->biasDesc = {{shape.dstChannels}, memory::data_type::f32, memory::format_tag::x};
        }
        const memory::desc user(dims, static_cast<memory::data_type>(dataType(weightType)), strides);
        const memory::desc any(dims, static_cast<memory::data_type>(dataType(weightType)),
                               memory::format_tag::any);
        const auto attributes = makeAttributes(epilogue, 1 << 1);
        if (shape.transposed) {
            impl->build<dnnl::deconvolution_forward>(shape, dnnl::algorithm::deconvolution_direct, user,
                                                     weights, any, attributes);
        } else {
            impl->build<dnnl::convolution_forward>(shape, dnnl::algorithm::convolution_direct, user, weights,
                                                   any, attributes);
        }
    } catch (const dnnl::error&) {
        return nullptr; // unimplemented, or the primitive could not be created: an expected outcome
    }
    if (!impl->primitive) {
        return nullptr;
    }
    impl->weightsMemory = memory(impl->weightsDesc, cpuEngine(), impl->weights.get());
    if (!impl->bias.empty()) {
        impl->biasMemory = memory(impl->biasDesc, cpuEngine(), impl->bias.data());
    }
    return std::unique_ptr<const Convolution>(new Convolution(std::move(impl)));
}

void Convolution::execute(const void* src, void* dst) const
{
    const auto wrap = [](const memory::desc& desc, const void* data) {
        return memory(desc, cpuEngine(),
                      const_cast<void*>(data)); // oneDNN has one memory type for both directions
    };
    const memory from = wrap(m_impl->src, src);
    const memory to = wrap(m_impl->dst, dst);
    const memory scratchpad = wrap(m_impl->scratchpad, threadScratchpad(m_impl->scratchpad.get_size()));
    const std::array arguments{
        Argument{DNNL_ARG_SRC, from}, Argument{DNNL_ARG_DST, to}, Argument{DNNL_ARG_SCRATCHPAD, scratchpad},
        Argument{DNNL_ARG_WEIGHTS, m_impl->weightsMemory}, Argument{DNNL_ARG_BIAS, m_impl->biasMemory}};
    const std::size_t count = m_impl->bias.empty() ? arguments.size() - 1 : arguments.size();
    onednn::execute(m_impl->primitive, std::span(arguments).first(count));
}

const std::string& Convolution::implementation() const { return m_impl->implementation; }

} // namespace kernels::onednn
