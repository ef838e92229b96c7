#include "core/measure/layer_metrics.h"

#include "core/execution/executable_support.h"
#include "core/report/non_finite.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

std::size_t countedElements(const Tensor& tensor, std::int64_t items)
{
    if (items <= 0 || tensor.rank() == 0 || tensor.shape()[0] <= items) {
        return static_cast<std::size_t>(tensor.count());
    }
    return static_cast<std::size_t>(tensor.count() / tensor.shape()[0] * items);
}

std::optional<double> ratio(double numerator, double denominator)
{
    return denominator > 0.0 ? std::optional(numerator / denominator) : std::nullopt;
}

/// Of an approximation whose shape is another one.
kernels::ErrorSums infinitelyFar(const Tensor& y, kernels::ErrorSums sums)
{
    sums.squaredError.assign(std::max<std::size_t>(sums.squaredError.size(), 1),
                             std::numeric_limits<double>::infinity());
    sums.squaredReference.resize(sums.squaredError.size(), 0.0);
    sums.maxAbsError = std::numeric_limits<double>::infinity();
    sums.count = std::max<std::uint64_t>(static_cast<std::uint64_t>(y.count()), 1);
    return sums;
}

std::optional<double> medianOf(std::vector<double> values)
{
    if (values.empty()) {
        return std::nullopt;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

kernels::ChannelLayout channelLayoutOf(const Tensor& tensor)
{
    if (tensor.rank() < 2) {
        return {};
    }
    const auto channels = static_cast<std::size_t>(std::max<std::int64_t>(tensor.shape()[1], 1));
    if (tensor.layout() == Layout::ChannelsLast && tensor.rank() >= 3) {
        return {channels, 1};
    }
    std::int64_t stride = 1;
    for (std::size_t i = 2; i < tensor.rank(); ++i) {
        stride *= tensor.shape()[i];
    }
    return {channels, static_cast<std::size_t>(std::max<std::int64_t>(stride, 1))};
}

kernels::ErrorSums compareTensors(const Tensor& y, const Tensor& approximation,
                                  const QuantizationParams* params, std::int64_t items)
{
    const Tensor other = toLayout(approximation, y.layout());
    const std::size_t count = countedElements(y, items);
    const auto reference = y.as<float>().first(count);
    if (other.shape() != y.shape()) {
        return infinitelyFar(y, kernels::compare(reference, reference, channelLayoutOf(y)));
    }
    if (params) {
        return kernels::compare(reference, bytesOf(other).first(count * sizeOf(other.type())),
                                formatOf(*params), channelLayoutOf(y));
    }
    return kernels::compare(reference, other.as<float>().first(count), channelLayoutOf(y));
}

kernels::ErrorSums compareOutputs(const MeasuredOutput& output, const Tensor& y, const Tensor& approximation,
                                  std::int64_t items)
{
    const bool isFloat = y.type() == DataType::Float32 && approximation.type() == DataType::Float32;
    return isFloat ? compareTensors(y, approximation, nullptr, output.hasKnownShape ? items : 0)
                   : kernels::ErrorSums{};
}

kernels::QuantizationSplit splitOf(const Tensor& y, const QuantizationParams& params, std::int64_t items)
{
    return kernels::splitQuantization(y.as<float>().first(countedElements(y, items)), formatOf(params));
}

ErrorMetrics metricsOf(const kernels::ErrorSums& sums, std::optional<float> scale, std::uint64_t samples)
{
    ErrorMetrics m;
    const double error = sums.totalSquaredError();
    const double signal = sums.totalSquaredReference();
    m.l2 = std::sqrt(error);
    if (error != 0.0 || signal > 0.0) {
        m.relativeL2 = relativeError(error, signal);
        m.sqnrDb = decibelsOf(*m.relativeL2);
    }
    m.cosine = ratio(sums.dotProduct, std::sqrt(signal) * std::sqrt(sums.squaredApproximation));
    m.maxAbs = sums.maxAbsError;
    m.elements = sums.count;
    m.samples = samples;
    if (scale && sums.count > 0) {
        m.rmseLsb = std::sqrt(error / static_cast<double>(sums.count)) / *scale;
    }
    std::vector<double> channels;
    for (std::size_t c = 0; c < sums.squaredError.size(); ++c) {
        if (sums.squaredReference[c] != 0.0) {
            channels.push_back(relativeError(sums.squaredError[c], sums.squaredReference[c]));
        }
    }
    m.medianChannelRelativeL2 = medianOf(std::move(channels));
    return m;
}

std::vector<float> channelRelativeL2(const kernels::ErrorSums& sums)
{
    std::vector<float> result;
    for (std::size_t c = 0; c < sums.squaredError.size(); ++c) {
        result.push_back(static_cast<float>(relativeError(sums.squaredError[c], sums.squaredReference[c])));
    }
    return result;
}

OutputQuantization outputQuantizationOf(const kernels::QuantizationSplit& split, const Range& spanned,
                                        const QuantizationParams& params)
{
    OutputQuantization q;
    q.clipL2 = std::sqrt(split.squaredClip);
    q.roundL2 = std::sqrt(split.squaredRound);
    q.cross = split.cross;
    const double squares = split.squaredClip + split.squaredRound + split.cross;
    q.l2 = squares < 0.0 ? 0.0 : std::sqrt(squares); // NaN stays
    q.clipped = split.count ? static_cast<double>(split.clipped) / static_cast<double>(split.count) : 0.0;
    const Range representable = params.range();
    const double width = representable.max - representable.min;
    const double used = std::min(spanned.max, representable.max) - std::max(spanned.min, representable.min);
    q.rangeUsed = width > 0.0 ? std::clamp(used / width, 0.0, 1.0) : 0.0;
    return q;
}

} // namespace core
