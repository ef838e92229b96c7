#include "core/report/run_results.h"

namespace core {

namespace {

template <typename T>
std::size_t bytesIn(const std::vector<T>& values)
{
    return values.capacity() * sizeof(T);
}

} // namespace

std::size_t byteCount(const kernels::ErrorSums& sums)
{
    return sizeof(sums) + bytesIn(sums.squaredError) + bytesIn(sums.squaredReference);
}

std::size_t byteCount(const std::vector<kernels::ErrorSums>& sums)
{
    std::size_t bytes = sizeof(sums);
    for (const kernels::ErrorSums& each : sums) {
        bytes += byteCount(each);
    }
    return bytes;
}

std::size_t byteCount(const AccumulatedResult& result)
{
    return sizeof(result) + byteCount(result.sums) + bytesIn(result.saturation)
        + bytesIn(result.sampleRelativeL2);
}

std::size_t byteCount(const IsolatedResult& result) { return sizeof(result) + byteCount(result.sums); }

std::size_t byteCount(const OutputResult& result)
{
    std::size_t bytes = sizeof(result) + byteCount(result.sums) + bytesIn(result.predictions);
    for (const auto& steps : result.stepRelativeL2) {
        bytes += bytesIn(steps);
    }
    for (const auto& steps : result.stepMaxAbs) {
        bytes += bytesIn(steps);
    }
    return bytes;
}

} // namespace core
