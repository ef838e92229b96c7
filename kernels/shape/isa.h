#pragma once

#include <string>

namespace kernels {

/// Whether oneDNN's int8 products are exact here: the processor has VNNI or AMX and DNNL_MAX_CPU_ISA allows
/// it. Otherwise vpmaddubsw saturates pairs of u8×s8 products to 16 bits, and weights of s8 sources lose a
/// bit.
[[nodiscard]] bool hasExactInt8();

/// The instruction set oneDNN will use, in oneDNN's words: "avx512_core_vnni", "avx2", …
/// Processor and DNNL_MAX_CPU_ISA together.
[[nodiscard]] std::string isaName();

} // namespace kernels
