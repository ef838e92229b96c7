#include "kernels/shape/isa.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace kernels {

bool hasExactInt8()
{
    // oneDNN's own answer: cpuid and DNNL_MAX_CPU_ISA are both in it.
    const std::string name = isaName();
    return name.find("vnni") != std::string::npos || name.find("bf16") != std::string::npos
        || name.find("amx") != std::string::npos || name.find("fp16") != std::string::npos;
}

std::string isaName()
{
    switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
        return "sse41";
    case dnnl::cpu_isa::avx:
        return "avx";
    case dnnl::cpu_isa::avx2:
        return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
        return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
        return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
        return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
        return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
        return "avx512_core_amx";
    default:
        return "baseline";
    }
}

} // namespace kernels
