#pragma once

#include "core/tensor/tensor.h"
#include "io/data/image.h"
#include "io/data/resize.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {

enum class ColorOrder
{
    Rgb,
    Bgr,
    Gray
};

/// How the channel axis of an item lies: CxHxW or HxWxC.
enum class ChannelOrder
{
    First,
    Last
};

/// From a picture or array to the network's input: central fraction or resize shorter / height → resize to or
/// center crop → color → (pixel − mean) / std, pixels 0…255. What is not set is not done.
struct Preprocess
{
    std::optional<double> centralFraction; ///< (0, 1]: a box around the center, corners may be fractional
    std::optional<int> resizeShorter; ///< the other side is truncated, as torchvision does
    std::optional<int> resizeHeight; ///< the width keeps the aspect, rounded to a multiple of widthMultiple
    int widthMultiple = 1;
    std::optional<ImageSize> resizeTo;
    std::optional<ImageSize> centerCrop; ///< offset = round((size − crop) / 2), half to even
    std::optional<ColorOrder> color;
    std::optional<ChannelOrder> layout; ///< of arrays
    std::vector<float> mean; ///< empty, one, or one per channel
    std::vector<float> std;

    [[nodiscard]] bool hasGeometry() const;
    [[nodiscard]] std::string text() const; ///< canonical, for fingerprints
};

/// Resizing and cropping. Throws core::Error naming the picture when a crop is larger than it.
[[nodiscard]] Image applyGeometry(const Image& image, const Preprocess& preprocess, std::string_view name);

/// RGB or gray in, the wished order out. Gray = (19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶, as Pillow.
[[nodiscard]] Image applyColor(Image image, std::optional<ColorOrder> color);

/// (pixel − mean) / std in float, as CxHxW or HxWxC. Precondition: mean and std fit the channels.
[[nodiscard]] core::Tensor toTensor(const Image& image, const Preprocess& preprocess, ChannelOrder order);

/// The same of an array whose axis `channelAxis` counts the channels; float32.
[[nodiscard]] core::Tensor normalized(const core::Tensor& item, const Preprocess& preprocess,
                                      std::size_t channelAxis);

/// Throws core::Error unless mean and std have no, one or `channels` values.
void checkChannels(const Preprocess& preprocess, std::int64_t channels, std::string_view name);

} // namespace io
