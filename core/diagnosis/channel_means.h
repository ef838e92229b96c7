#pragma once

#include "core/tensor/tensor.h"

#include <cstddef>
#include <vector>

namespace core {

/// The constant part of an error: its mean by channel (axis 1), summed over samples.
class ChannelMeans
{
public:
    /// Adds quantized − reference of one sample; layouts may differ.
    void add(const Tensor& quantized, const Tensor& reference);
    void merge(const ChannelMeans& other);

    [[nodiscard]] double mean(std::size_t channel) const;
    /// Σ_c n_c·mean_c² / Σe²: 0 for no error.
    [[nodiscard]] double share() const;

private:
    std::vector<double> m_sum;
    std::vector<double> m_count;
    double m_squared = 0.0;
};

/// y minus the mean error of its channel.
[[nodiscard]] Tensor withoutMean(const Tensor& y, const ChannelMeans& means);

} // namespace core
