#include "kernels/onednn/onednn_matmul.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace kernels::onednn {

using dnnl::memory;

struct MatMul::Impl
{
    memory::desc a;
    memory::desc b;
    memory::desc dst;
    memory::desc biasDesc;
    memory::desc scratchpad;
    dnnl::primitive primitive;
    std::string implementation;
    AlignedBytes packed; ///< null where B comes at execution
    std::vector<float> bias;
    memory packedMemory; ///< over `packed` and `bias`: made once, read by every run
    memory biasMemory;
};

MatMul::MatMul(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

MatMul::~MatMul() = default;

std::unique_ptr<const MatMul> MatMul::make(const MatMulShape& shape, ElementType a, ElementType bType,
                                           const void* b, std::int32_t bZeroPoint,
                                           std::span<const float> bias, ElementType dst,
                                           const Epilogue& epilogue)
{
    const OneThread oneThread;
    // One B for the whole batch makes a single taller product.
    const bool batched = !shape.sharedB && shape.batch > 1;
    const auto rows = batched ? shape.m : shape.m * shape.batch;
    const auto plain = [&](std::int64_t r, std::int64_t c, bool transposed, ElementType type) {
        memory::dims dims{r, c};
        memory::dims strides = transposed ? memory::dims{1, r} : memory::dims{c, 1};
        if (batched) {
            dims.insert(dims.begin(), shape.batch);
            strides.insert(strides.begin(), r * c);
        }
        return memory::desc(dims, static_cast<memory::data_type>(dataType(type)), strides);
    };
    auto impl = std::make_unique<Impl>();
    try {
        const auto& engine = cpuEngine();
        impl->a = plain(rows, shape.k, false, a);
        impl->b = plain(shape.k, shape.n, shape.transposedB, bType);
        impl->dst = plain(rows, shape.n, false, dst);
        const auto given = impl->b;
        if (b != nullptr) {
            impl->b = memory::desc(given.dims(), given.data_type(), memory::format_tag::any);
        }
        if (!bias.empty()) {
            impl->bias.assign(bias.begin(), bias.end());
            impl->biasDesc = batched
                ? memory::desc({1, 1, shape.n}, memory::data_type::f32, memory::format_tag::abc)
                : memory::desc({1, shape.n}, memory::data_type::f32, memory::format_tag::ab);
        }
        auto attributes = makeAttributes(epilogue, batched ? 1 << 2 : 1 << 1);
        if (bZeroPoint != 0) {
            attributes.set_zero_points(DNNL_ARG_WEIGHTS, 0, {bZeroPoint});
        }
        const auto desc = bias.empty() ? dnnl::matmul::desc(impl->a, impl->b, impl->dst)
                                       : dnnl::matmul::desc(impl->a, impl->b, impl->biasDesc, impl->dst);
        const dnnl::matmul::primitive_desc primitiveDesc(desc, attributes, engine);
        impl->implementation = primitiveDesc.impl_info_str();
        if (isSlow(impl->implementation, a != ElementType::F32)) {
            return nullptr;
        }
        impl->primitive = dnnl::matmul(primitiveDesc);
        impl->scratchpad = primitiveDesc.scratchpad_desc();
        impl->b = primitiveDesc.weights_desc();
        if (b != nullptr) {
            impl->packed = allocate(impl->b.get_size());
            std::memset(impl->packed.get(), 0, impl->b.get_size());
            memory from(given, engine, const_cast<void*>(b));
            memory to(impl->b, engine, impl->packed.get());
            dnnl::reorder(from, to).execute(threadStream(), from, to);
            threadStream().wait();
        }
        if (b != nullptr) {
            impl->packedMemory = memory(impl->b, engine, impl->packed.get());
        }
        if (!impl->bias.empty()) {
            impl->biasMemory = memory(impl->biasDesc, engine, impl->bias.data());
        }
    } catch (const dnnl::error&) {
        return nullptr; // unimplemented, or the primitive could not be created: an expected outcome
    }
    return std::unique_ptr<const MatMul>(new MatMul(std::move(impl)));
}

void MatMul::execute(const void* a, const void* b, void* dst) const
{
    const auto wrap = [](const memory::desc& desc, const void* data) {
        return memory(desc, cpuEngine(),
                      const_cast<void*>(data)); // oneDNN has one memory type for both directions
    };
    const memory left = wrap(m_impl->a, a);
    const memory right = b != nullptr ? wrap(m_impl->b, b) : m_impl->packedMemory;
    const memory to = wrap(m_impl->dst, dst);
    const memory scratchpad = wrap(m_impl->scratchpad, threadScratchpad(m_impl->scratchpad.get_size()));
    const std::array arguments{Argument{DNNL_ARG_SRC, left}, Argument{DNNL_ARG_WEIGHTS, right},
                               Argument{DNNL_ARG_DST, to}, Argument{DNNL_ARG_SCRATCHPAD, scratchpad},
                               Argument{DNNL_ARG_BIAS, m_impl->biasMemory}};
    const std::size_t count = m_impl->bias.empty() ? arguments.size() - 1 : arguments.size();
    onednn::execute(m_impl->primitive, std::span(arguments).first(count));
}

const std::string& MatMul::implementation() const { return m_impl->implementation; }

} // namespace kernels::onednn
