#pragma once

namespace kernels {

/// Prepares the calling thread to run kernels: one OpenMP thread (parallelism is over samples, one per host
/// thread) and denormals flushed to zero on input and output (x86 FTZ and DAZ), which oneDNN's f32 kernels
/// need to stay fast: a binary add on values of 1e-38 took 13 times as long without. Quantized results do not
/// depend on it, because no scale is denormal. Every thread that calls a kernel calls this first, else
/// numbers may differ between threads in the denormal range.
void prepareThread();

} // namespace kernels
