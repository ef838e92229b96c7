#pragma once

#include "kernels/codes/requantization.h"
#include "kernels/shape/post_operation.h"
#include "kernels/shape/quantized_format.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dnnl {
struct engine;
struct stream;
struct memory;
struct primitive;
struct primitive_attr;
} // namespace dnnl

/// What the sources that speak to oneDNN share; nothing outside kernels/onednn_*.cpp needs it.
namespace kernels::onednn {

/// oneDNN's number of a data type (dnnl_data_type_t), whose names stay in sources. U8, S8, S32, F32.
[[nodiscard]] int dataType(ElementType type);
/// The one CPU engine of the process; it has no state.
[[nodiscard]] const dnnl::engine& cpuEngine();
/// The calling thread's stream: primitives of different threads never share one.
[[nodiscard]] dnnl::stream& threadStream();
/// The calling thread's scratchpad, at least so many bytes, 64-byte aligned; valid until the next call.
[[nodiscard]] std::byte* threadScratchpad(std::size_t bytes);

/// 64-byte aligned memory for packed weights.
struct AlignedDelete
{
    void operator()(std::byte* bytes) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedDelete>;
[[nodiscard]] AlignedBytes allocate(std::size_t bytes);

/// What happens between the accumulators of a convolution or matrix product and dst, in oneDNN 2.6's order:
/// scale·(acc + bias) → sum → activation → linear → clip → round → zero point.
struct Epilogue
{
    std::vector<float> scale; ///< one, one per channel of dst, or empty = 1
    std::optional<QuantizedFormat> sum; ///< dst += scale·(old dst − zeroPoint), old dst of that type
    Activation activation;
    float linear = 1.0f;
    std::optional<std::pair<float, float>> clip;
    bool round = false; ///< half to even; without it the zero point is added before dst is rounded
    std::int32_t srcZeroPoint = 0;
    std::int32_t dstZeroPoint = 0;
};

/// Attributes with a user scratchpad; channelMask: oneDNN's mask of the channel axis of dst.
[[nodiscard]] dnnl::primitive_attr makeAttributes(const Epilogue& epilogue, int channelMask);

/// The same in oneDNN's steps. Bounds of codes become Relu or Clip, and nothing at all where saturation of
/// dst does their work.
[[nodiscard]] Epilogue makeEpilogue(const Requantization& how);

/// Whether every value is an FP32 number: up to 2²⁴. oneDNN adds the bias to the accumulators in FP32.
[[nodiscard]] bool isExactInFp32(std::span<const std::int32_t> values);

/// While it lives, the calling thread makes primitives and packs weights for one OpenMP thread. A primitive
/// made for more would wake a team in every thread that runs it, which spins wherever samples already fill
/// the cores.
class OneThread
{
public:
    OneThread();
    ~OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    const int m_before;
};

/// One argument of a primitive: DNNL_ARG_… and its memory.
struct Argument
{
    int index;
    const dnnl::memory& memory;
};
/// Runs a primitive on the calling thread's stream, without the map that oneDNN's C++ interface builds each
/// time.
void execute(const dnnl::primitive& primitive, std::span<const Argument> arguments);

/// Whether that implementation is one of oneDNN's slow ones ("ref…", and "gemm…" for integers).
[[nodiscard]] bool isSlow(const std::string& implementation, bool isInteger);

} // namespace kernels::onednn
