#include "io/data/description_parts.h"

#include "io/data/image.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace {

/// [width, height], or one number for both.
std::optional<ImageSize> readSize(const JsonObject& object, std::string_view key)
{
    if (!object.has(key)) {
        return std::nullopt;
    }
    const std::vector<std::int64_t> sides = object.integers(key, 1);
    if (sides.empty() || sides.size() > 2 || *std::ranges::max_element(sides) > kMostSide) {
        object.fail(fmt::format("'{}' must be [width, height] of at most {} pixels", key, kMostSide));
    }
    return ImageSize{static_cast<int>(sides.front()), static_cast<int>(sides.back())};
}

std::optional<int> readSide(const JsonObject& object, std::string_view key)
{
    const std::optional<ImageSize> size = readSize(object, key);
    if (size && object.at(key).is_array()) {
        object.fail(fmt::format("'{}' must be one number of pixels", key));
    }
    return size ? std::optional(size->width) : std::nullopt;
}

std::vector<float> readChannels(const JsonObject& object, std::string_view key)
{
    std::vector<float> result;
    if (object.has(key)) {
        for (const double value : object.numbers(key)) {
            result.push_back(static_cast<float>(value));
        }
    }
    return result;
}

} // namespace

Preprocess readPreprocess(const JsonObject& object)
{
    object.allowKeys({"resize_shorter", "resize_height", "width_multiple", "resize_to", "central_fraction",
                      "center_crop", "interpolation", "color", "layout", "mean", "std"});
    object.refuseTogether({"central_fraction", "resize_shorter", "resize_height"});
    object.refuseTogether({"resize_to", "center_crop"});
    Preprocess result;
    if (object.has("central_fraction")) {
        result.centralFraction = object.number("central_fraction");
        if (!(*result.centralFraction > 0 && *result.centralFraction <= 1)) {
            object.fail("'central_fraction' must lie above 0 and be at most 1");
        }
    }
    result.resizeShorter = readSide(object, "resize_shorter");
    result.resizeHeight = readSide(object, "resize_height");
    result.resizeTo = readSize(object, "resize_to");
    result.centerCrop = readSize(object, "center_crop");
    if (object.has("width_multiple") && !result.resizeHeight) {
        object.fail("'width_multiple' needs 'resize_height'");
    }
    result.widthMultiple = readSide(object, "width_multiple").value_or(1);
    if (object.has("interpolation")) {
        (void)object.choice<int, 1>("interpolation", {{{"bilinear", 0}}});
    }
    if (object.has("color")) {
        result.color = object.choice<ColorOrder, 3>(
            "color", {{{"RGB", ColorOrder::Rgb}, {"BGR", ColorOrder::Bgr}, {"GRAY", ColorOrder::Gray}}});
    }
    if (object.has("layout")) {
        result.layout = object.choice<ChannelOrder, 2>(
            "layout", {{{"NCHW", ChannelOrder::First}, {"NHWC", ChannelOrder::Last}}});
    }
    result.mean = readChannels(object, "mean");
    result.std = readChannels(object, "std");
    if (std::ranges::find(result.std, 0.0f) != result.std.end()) {
        object.fail("'std' must not be 0");
    }
    return result;
}

} // namespace io
