#include "io/data/data_preview.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace io {

namespace {

bool isColor(std::int64_t channels) { return channels == 1 || channels == 3; }

/// The axis that counts channels: 1, or the last one of pictures that lie as NHWC; none for rank < 3.
std::optional<std::size_t> channelAxis(const core::Shape& shape)
{
    if (shape.size() < 3) {
        return std::nullopt;
    }
    return shape.size() == 4 && !isColor(shape[1]) && isColor(shape[3]) ? 3 : 1;
}

std::vector<ChannelPreview> channelsOf(const std::vector<double>& values, const core::Shape& shape)
{
    const auto axis = channelAxis(shape);
    const auto count = static_cast<std::size_t>(axis ? shape[*axis] : 1);
    const auto inner = static_cast<std::size_t>(axis ? core::rowMajorStrides(shape)[*axis] : 1);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::vector<ChannelPreview> channels(count, {.min = kInfinity, .max = -kInfinity});
    std::vector<double> seen(count, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t c = axis ? i / inner % count : 0;
        ChannelPreview& channel = channels[c];
        if (!std::isfinite(values[i])) {
            ++channel.notFinite;
            continue;
        }
        channel.min = std::min(channel.min, values[i]);
        channel.max = std::max(channel.max, values[i]);
        channel.mean += values[i];
        ++seen[c];
    }
    for (std::size_t c = 0; c < count; ++c) {
        channels[c] = seen[c] == 0 ? ChannelPreview{.notFinite = channels[c].notFinite} : channels[c];
        channels[c].mean /= std::max(seen[c], 1.0);
    }
    return channels;
}

void countValues(const std::vector<double>& values, InputPreview& preview)
{
    const auto axis = channelAxis(preview.shape);
    const auto inner = static_cast<std::size_t>(axis ? core::rowMajorStrides(preview.shape)[*axis] : 1);
    bool any = false;
    for (const double value : values) {
        if (std::isfinite(value)) {
            preview.low = any ? std::min(preview.low, value) : value;
            preview.high = any ? std::max(preview.high, value) : value;
            any = true;
        }
    }
    if (!any) {
        return;
    }
    const double width =
        preview.high > preview.low ? (preview.high - preview.low) / ChannelPreview::kBins : 1.0;
    for (ChannelPreview& channel : preview.channels) {
        channel.histogram.assign(ChannelPreview::kBins, 0);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i])) {
            const auto bin = static_cast<std::size_t>((values[i] - preview.low) / width);
            ++preview.channels[axis ? i / inner % preview.channels.size() : 0]
                  .histogram[std::min(bin, ChannelPreview::kBins - 1)];
        }
    }
}

std::optional<core::Picture> pictureOf(const std::vector<double>& values, const core::Shape& shape)
{
    const auto axis = channelAxis(shape);
    if (shape.size() != 4 || !isColor(shape[*axis]) || values.empty()) {
        return std::nullopt;
    }
    const auto channels = static_cast<std::size_t>(shape[*axis]);
    const auto height = static_cast<std::size_t>(*axis == 1 ? shape[2] : shape[1]);
    const auto width = static_cast<std::size_t>(*axis == 1 ? shape[3] : shape[2]);
    const std::size_t pixels = width * height;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t i = 0; i < pixels * channels; ++i) {
        if (std::isfinite(values[i])) {
            low = std::min(low, values[i]);
            high = std::max(high, values[i]);
        }
    }
    const double scale = high > low ? 255.0 / (high - low) : 0.0;
    core::Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
    picture.rgb.reserve(pixels * 3);
    for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            const std::size_t from = channels == 1 ? 0 : c;
            const double value = values[*axis == 1 ? from * pixels + i : i * channels + from];
            const double shade = std::isfinite(value) ? (value - low) * scale : 0.0;
            picture.rgb.push_back(static_cast<std::uint8_t>(std::lrint(shade)));
        }
    }
    return picture;
}

} // namespace

std::vector<InputPreview> previewInputs(const core::Graph& graph, const core::Sample& sample)
{
    std::vector<InputPreview> previews;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        const core::Tensor& tensor = sample.inputs[i];
        const std::vector<double> values = core::doublesOf(tensor);
        InputPreview preview;
        preview.name = graph.value(graph.inputs()[i]).name;
        preview.type = tensor.type();
        preview.shape = tensor.shape();
        preview.channels = channelsOf(values, tensor.shape());
        preview.picture = pictureOf(values, tensor.shape());
        countValues(values, preview);
        previews.push_back(std::move(preview));
    }
    return previews;
}

} // namespace io
