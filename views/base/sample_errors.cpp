#include "views/base/sample_errors.h"

#include <cmath>

namespace views {

std::vector<float> channelErrors(const core::SampleTensors& tensors)
{
    const core::Shape& shape = tensors.fp32.shape();
    if (shape.size() < 2 || tensors.fp32.isEmpty() || tensors.fp32.count() != tensors.quantized.count()) {
        return {};
    }
    const core::Tensor fp32 = core::toLayout(tensors.fp32, core::Layout::RowMajor);
    const core::Tensor quantized = core::toLayout(tensors.quantized, core::Layout::RowMajor);
    const auto y = fp32.as<float>();
    const auto q = quantized.as<float>();
    const auto channels = static_cast<std::size_t>(shape[1]);
    const std::size_t stride = y.size() / (static_cast<std::size_t>(shape[0]) * channels);
    std::vector<double> error(channels, 0.0);
    std::vector<double> signal(channels, 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t c = i / stride % channels;
        const double d = double{q[i]} - double{y[i]};
        error[c] += d * d;
        signal[c] += double{y[i]} * double{y[i]};
    }
    std::vector<float> relative(channels, 0.0F);
    for (std::size_t c = 0; c < channels; ++c) {
        const double ratio = signal[c] > 0.0 ? std::sqrt(error[c] / signal[c]) : error[c] > 0.0 ? 1.0 : 0.0;
        relative[c] = static_cast<float>(ratio);
    }
    return relative;
}

} // namespace views
