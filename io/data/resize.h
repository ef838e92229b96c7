#pragma once

#include "io/data/image.h"

namespace io {

struct ImageSize
{
    int width = 0;
    int height = 0;
};

/// A part of an image in pixels; corners may be fractional.
struct ImageBox
{
    float left = 0;
    float top = 0;
    float right = 0;
    float bottom = 0;
};

/// Antialiased bilinear resampling, bit-equal to Pillow's resize(size, BILINEAR, box): a triangle filter
/// widened by the scale where it shrinks, horizontal then vertical, weights of 22 fractional bits, rounded to
/// 8 bits after each. Precondition: the box lies inside the image and is not empty.
[[nodiscard]] Image resizeBilinear(const Image& image, ImageSize size, const ImageBox& box);
[[nodiscard]] Image resizeBilinear(const Image& image, ImageSize size);

/// Precondition: the crop lies inside the image.
[[nodiscard]] Image crop(const Image& image, int left, int top, ImageSize size);

} // namespace io
