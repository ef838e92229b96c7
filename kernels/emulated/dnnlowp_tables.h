#pragma once

#include "kernels/float/elementwise.h"

namespace kernels {

/// Tanh and Sigmoid as Caffe2 DNNLOWP looks them up, u8 to u8. Both tables are odd around code 128, each
/// entry the mean of the function half a step to either side:
///   T[i] = roundHalfEven((tanh((i − ½)·s) + tanh((i + ½)·s)) / 2 · 127) for i = 0…126, T[127] = T[128] =
///   127, s = 3/127.
/// tanh:    input scale 3/127, zero point 128; y = 128 ± T[|q − 128|], scale 1/127, zero point 128.
/// sigmoid: input scale 6/127, zero point 128; y = (128 ± T[|q − 128|]) − 1, scale 0.5/127, zero point 0.
/// Right for these params only: upstream does not look at what its input has.
[[nodiscard]] LookupTable dnnlowpTanhTable();
[[nodiscard]] LookupTable dnnlowpSigmoidTable();

} // namespace kernels
