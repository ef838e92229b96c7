#pragma once

#include "io/verify/verification.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace io {

/// A tensor of the exported model beside ours, and what was seen of both so far.
struct ComparedTensor
{
    core::ValueId value{};
    std::string tensor; ///< in the exported model
    bool codes = false;
    double error = 0.0;
    double signal = 0.0;
    std::uint64_t equal = 0;
    std::uint64_t near = 0;
    OperatorAgreement agreement;
};

[[nodiscard]] inline OperatorAgreement finished(const ComparedTensor& c)
{
    OperatorAgreement result = c.agreement;
    if (result.elements > 0) {
        result.identical = static_cast<double>(c.equal) / static_cast<double>(result.elements);
        result.withinOneLsb = static_cast<double>(c.near) / static_cast<double>(result.elements);
    }
    if (c.error > 0.0 && c.signal > 0.0) {
        result.sqnrDb = 10.0 * std::log10(c.signal / c.error);
    }
    return result;
}

/// An output of the exported model beside ours.
struct ComparedOutput
{
    core::ValueId value{};
    std::string tensor; ///< in the exported model
    bool codes = false;
    double error = 0.0;
    double signal = 0.0;
};

/// Samples that the other engine is given at once: it may start anew each time, and their tensors lie in
/// memory together.
[[nodiscard]] inline std::size_t batchOf(std::size_t bytesPerSample)
{
    constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    constexpr std::size_t kMostSamples = 256;
    return std::clamp<std::size_t>(kMostBytes / std::max<std::size_t>(bytesPerSample, 1), 1, kMostSamples);
}

} // namespace io
