#include "kernels/emulated/dnnlowp_tables.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace kernels {

namespace {

constexpr double kSaturates = 3.0; // where tanh is within 0.02 of 1, rounded up
constexpr int kLargest = 127;

/// T[magnitude].
int magnitudeOfTanh(int magnitude)
{
    if (magnitude >= kLargest) {
        return kLargest;
    }
    constexpr double kStep = kSaturates / kLargest;
    const double mean = (std::tanh((magnitude - 0.5) * kStep) + std::tanh((magnitude + 0.5) * kStep)) / 2.0;
    return static_cast<int>(std::nearbyint(mean * kLargest));
}

/// Every code, less `offset`.
LookupTable tableOf(int offset)
{
    LookupTable table{};
    for (int q = 0; q < 256; ++q) {
        const int magnitude = magnitudeOfTanh(std::abs(q - 128));
        table[static_cast<std::size_t>(q)] =
            static_cast<std::uint8_t>(128 + (q < 128 ? -magnitude : magnitude) - offset);
    }
    return table;
}

} // namespace

LookupTable dnnlowpTanhTable() { return tableOf(0); }

LookupTable dnnlowpSigmoidTable() { return tableOf(1); }

} // namespace kernels
