#include "core/statistics/statistics.h"

#include "kernels/statistics/moments.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace core {

namespace {

/// Lanes for a run of elements whose channel repeats every `period`: enough of them to fill vectors, few
/// enough that folding them is cheap. Depends on the shape only, so the order of summation does too.
std::size_t lanesFor(std::size_t period, std::size_t count)
{
    constexpr std::size_t kWidestVector = 16;
    constexpr std::size_t kRowsWorthFolding = 8;
    if (period >= 256) {
        return period;
    }
    const std::size_t lanes = period == 1 ? 64 : std::lcm(period, kWidestVector);
    return lanes * kRowsWorthFolding <= count ? lanes : period;
}

/// Adds the lanes of `values` to channels lane % period; false, with nothing added, if some value is not
/// finite.
bool addFinite(std::span<const float> values, std::size_t period, std::span<Moments> channels)
{
    kernels::LaneMoments lanes(lanesFor(period, values.size()));
    kernels::addMoments(values, lanes);
    if (!std::ranges::all_of(lanes.sumOfSquares, [](double s) { return std::isfinite(s); })) {
        return false;
    }
    const std::size_t count = lanes.lanes();
    for (std::size_t lane = 0; lane < count && lane < values.size(); ++lane) {
        Moments m;
        m.count = (values.size() - lane + count - 1) / count;
        m.zeros = static_cast<std::uint64_t>(lanes.zeros[lane]);
        m.min = lanes.min[lane];
        m.max = lanes.max[lane];
        m.sum = lanes.sum[lane];
        m.sumOfSquares = lanes.sumOfSquares[lane];
        channels[lane % period].merge(m);
    }
    return true;
}

void addAny(std::span<const float> values, std::size_t period, std::span<Moments> channels)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float x = values[i];
        Moments& m = channels[i % period];
        if (std::isnan(x)) {
            ++m.nans;
        } else if (std::isinf(x)) {
            ++m.infinities;
        } else {
            ++m.count;
            m.zeros += x == 0.0f ? 1 : 0;
            m.min = std::min(m.min, x);
            m.max = std::max(m.max, x);
            m.sum += x;
            m.sumOfSquares += static_cast<double>(x) * x;
        }
    }
}

void add(std::span<const float> values, std::size_t period, std::span<Moments> channels)
{
    if (!addFinite(values, period, channels)) {
        addAny(values, period, channels);
    }
}

/// Whether −0 or +0 wins a minimum depends on the order; +0 stands for both.
void dropSignOfZero(Moments& m)
{
    m.min += 0.0f;
    m.max += 0.0f;
}

} // namespace

void Moments::merge(const Moments& other)
{
    count += other.count;
    zeros += other.zeros;
    nans += other.nans;
    infinities += other.infinities;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    sum += other.sum;
    sumOfSquares += other.sumOfSquares;
}

double Moments::variance() const
{
    const double m = mean();
    return count ? std::max(0.0, sumOfSquares / static_cast<double>(count) - m * m) : 0.0;
}

void TensorStatistics::merge(TensorStatistics&& other)
{
    if (samples == 0 && total == Moments{}) {
        CollectedMethods kept = std::move(collected);
        *this = std::move(other);
        collected = std::move(kept);
        return;
    }
    merge(std::as_const(other));
}

void TensorStatistics::merge(const TensorStatistics& other)
{
    if (samples == 0 && total == Moments{}) {
        CollectedMethods kept = std::move(collected);
        *this = other;
        collected = std::move(kept);
        return;
    }
    total.merge(other.total);
    channels.resize(std::max(channels.size(), other.channels.size()));
    for (std::size_t c = 0; c < other.channels.size(); ++c) {
        channels[c].merge(other.channels[c]);
    }
    histogram.merge(other.histogram);
    samples += other.samples;
}

double TensorStatistics::zeroShare() const
{
    return total.count ? static_cast<double>(total.zeros) / static_cast<double>(total.count) : 0.0;
}

std::size_t TensorStatistics::byteCount() const
{
    return sizeof(*this) + channels.size() * sizeof(Moments) + histogram.counts().size_bytes();
}

TensorStatistics statisticsOf(std::span<const float> values, ChannelMap channels)
{
    TensorStatistics result;
    result.samples = 1;
    result.channels.resize(channels.channels);
    if (channels.channels <= 1) {
        add(values, 1, {&result.total, 1});
        std::ranges::fill(result.channels, result.total);
    } else {
        if (channels.stride == 1) {
            add(values, channels.channels, result.channels);
        } else {
            for (std::size_t begin = 0, plane = 0; begin < values.size(); begin += channels.stride, ++plane) {
                const std::size_t count = std::min(channels.stride, values.size() - begin);
                add(values.subspan(begin, count), 1, {&result.channels[plane % channels.channels], 1});
            }
        }
        for (const Moments& channel : result.channels) {
            result.total.merge(channel);
        }
    }

    dropSignOfZero(result.total);
    std::ranges::for_each(result.channels, dropSignOfZero);

    if (result.total.count > result.total.zeros) {
        result.histogram.reserve(std::max(std::abs(result.total.min), std::abs(result.total.max)));
        if (result.total.nans + result.total.infinities == 0) {
            result.histogram.add(values);
        } else {
            std::vector<float> finite;
            finite.reserve(values.size());
            std::ranges::copy_if(values, std::back_inserter(finite),
                                 [](float x) { return std::isfinite(x); });
            result.histogram.add(finite);
        }
    }
    return result;
}

std::vector<TensorStatistics> channelStatisticsOf(std::span<const float> values, ChannelMap channels)
{
    std::vector<std::vector<float>> parts(channels.channels);
    for (std::size_t begin = 0, plane = 0; begin < values.size(); begin += channels.stride, ++plane) {
        const auto part = values.subspan(begin, std::min(channels.stride, values.size() - begin));
        parts[plane % channels.channels].insert(parts[plane % channels.channels].end(), part.begin(),
                                                part.end());
    }
    std::vector<TensorStatistics> result;
    result.reserve(parts.size());
    for (const auto& part : parts) {
        result.push_back(statisticsOf(part, {0, 1}));
    }
    return result;
}

} // namespace core
