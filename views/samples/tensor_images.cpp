#include "views/samples/tensor_images.h"

#include "views/base/theme.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace views {

namespace {

constexpr int kDensitySide = 128;

struct Plane
{
    std::size_t offset = 0;
    int width = 1;
    int height = 1;
    int channels = 1;
};

Plane planeOf(const core::Tensor& tensor, int channel)
{
    const core::Shape& shape = tensor.shape();
    if (shape.size() == 4) {
        const auto size = static_cast<std::size_t>(shape[2] * shape[3]);
        const int channels = static_cast<int>(shape[1]);
        const auto chosen = static_cast<std::size_t>(std::clamp(channel, 0, channels - 1));
        return {chosen * size, static_cast<int>(shape[3]), static_cast<int>(shape[2]), channels};
    }
    const auto count = static_cast<int>(tensor.count());
    const int width = std::max(1, static_cast<int>(std::ceil(std::sqrt(count))));
    return {0, width, (count + width - 1) / width, 1};
}

QImage grey(std::span<const float> values, const Plane& plane, double low, double high)
{
    QImage image(plane.width, plane.height, QImage::Format_RGB32);
    image.fill(Qt::black);
    const double span = high > low ? high - low : 1.0;
    for (int y = 0; y < plane.height; ++y) {
        for (int x = 0; x < plane.width; ++x) {
            const std::size_t i = plane.offset
                + static_cast<std::size_t>(y) * static_cast<std::size_t>(plane.width)
                + static_cast<std::size_t>(x);
            if (i < values.size()) {
                const int level = static_cast<int>(std::clamp(255.0 * (values[i] - low) / span, 0.0, 255.0));
                image.setPixel(x, y, qRgb(level, level, level));
            }
        }
    }
    return image;
}

QImage density(std::span<const float> fp32, std::span<const float> quantized, double low, double high,
               bool dark)
{
    std::vector<int> counts(kDensitySide * kDensitySide, 0);
    const double span = high > low ? high - low : 1.0;
    const auto bin = [&](float value) {
        return std::clamp(static_cast<int>((value - low) / span * kDensitySide), 0, kDensitySide - 1);
    };
    for (std::size_t i = 0; i < fp32.size(); ++i) {
        ++counts[static_cast<std::size_t>((kDensitySide - 1 - bin(quantized[i])) * kDensitySide
                                          + bin(fp32[i]))];
    }
    const double most = std::log1p(*std::ranges::max_element(counts));
    QImage image(kDensitySide, kDensitySide, QImage::Format_RGB32);
    for (int y = 0; y < kDensitySide; ++y) {
        for (int x = 0; x < kDensitySide; ++x) {
            const int count = counts[static_cast<std::size_t>(y * kDensitySide + x)];
            image.setPixel(x, y,
                           heatColor(count == 0 ? 0.0 : 0.15 + 0.85 * std::log1p(count) / most, dark).rgb());
        }
    }
    return image;
}

} // namespace

TensorImages tensorImages(const core::SampleTensors& tensors, int channel, bool dark)
{
    TensorImages images;
    const core::Tensor fp32 = core::toLayout(tensors.fp32, core::Layout::RowMajor);
    const core::Tensor quantized = core::toLayout(tensors.quantized, core::Layout::RowMajor);
    if (fp32.isEmpty() || fp32.count() != quantized.count()) {
        return images;
    }
    const auto y = fp32.as<float>();
    const auto q = quantized.as<float>();
    const Plane plane = planeOf(fp32, channel);
    const auto size =
        std::min(y.size() - plane.offset,
                 static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height));
    const auto shownY = y.subspan(plane.offset, size);
    const auto shownQ = q.subspan(plane.offset, size);
    images.channels = plane.channels;
    images.lowest = std::min(*std::ranges::min_element(shownY), *std::ranges::min_element(shownQ));
    images.highest = std::max(*std::ranges::max_element(shownY), *std::ranges::max_element(shownQ));
    std::vector<float> difference(y.size(), 0.0F);
    for (std::size_t i = 0; i < size; ++i) {
        difference[plane.offset + i] = shownQ[i] - shownY[i];
        images.largestDifference =
            std::max(images.largestDifference, static_cast<double>(std::abs(shownQ[i] - shownY[i])));
    }
    images.fp32 = grey(y, plane, images.lowest, images.highest);
    images.quantized = grey(q, plane, images.lowest, images.highest);
    images.difference = grey(difference, plane, -images.largestDifference, images.largestDifference);
    const auto [low, high] = std::ranges::minmax(y);
    images.density = density(y, q, low, high, dark);
    return images;
}

} // namespace views
