#pragma once

#include <cstdint>

namespace kernels {

/// sums[o] += Σ_p x[2p]·w[p][o][0] + x[2p+1]·w[p][o][1] over `pairs` pairs and `count` outputs, exact in
/// int32. w: [pairs][count][2]. Vectorized for the processor at hand.
void multiplyPairs(const std::int16_t* x, const std::int16_t* w, std::int64_t pairs, std::int64_t count,
                   std::int32_t* sums);

/// sums[c] += x[c]·w[c], exact in int32.
void multiplyElements(const std::int16_t* x, const std::int16_t* w, std::int64_t count, std::int32_t* sums);

} // namespace kernels
