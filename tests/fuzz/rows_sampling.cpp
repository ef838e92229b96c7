#include "tests/fuzz/rows.h"

#include <algorithm>
#include <cmath>

namespace fuzz {

namespace {

using Strings = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

std::string modeOf(Draw& d)
{
    return d.random.pick(d.opset >= 11 ? Strings{"nearest", "linear", "linear", "cubic"}
                                       : Strings{"nearest", "linear"});
}

/// Linear over one to three of the last axes, cubic over the last two.
core::Tensor drawScales(Draw& d, const Shape& shape, const std::string& mode)
{
    std::vector<float> scales(shape.size(), 1.0f);
    const std::size_t first = mode == "nearest" && d.random.chance(0.2) ? 0 : 2;
    for (std::size_t i = first; i < shape.size(); ++i) {
        scales[i] = d.random.pick({0.5f, 1.0f, 2.0f, 1.5f, 3.0f, 0.7f});
        scales[i] = std::floor(static_cast<float>(shape[i]) * scales[i]) < 1 ? 1.0f : scales[i];
    }
    return core::makeTensor<float>({std::ssize(shape)}, scales);
}

Shape resized(const Shape& shape, const core::Tensor& scales)
{
    Shape result;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        result.push_back(
            static_cast<std::int64_t>(std::floor(static_cast<float>(shape[i]) * scales.as<float>()[i])));
    }
    return result;
}

Attributes resizeAttributes(Draw& d, const std::string& mode)
{
    Attributes sometimes{
        {"coordinate_transformation_mode",
         d.random.pick(Strings{"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"})}};
    if (mode == "nearest") {
        sometimes["nearest_mode"] =
            d.random.pick(Strings{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
    }
    if (mode == "cubic") {
        sometimes["cubic_coeff_a"] = d.random.pick({-0.5f, -0.75f});
        sometimes["exclude_outside"] = d.random.between(0, 1);
    }
    if (d.opset >= 18 && mode != "nearest") {
        sometimes["antialias"] = d.random.between(0, 1);
    }
    return d.some({{"mode", mode}}, sometimes);
}

void drawResize(Draw& d, const Row&)
{
    const std::string mode = modeOf(d);
    Shape shape{d.random.between(1, 2), d.random.between(1, 3)};
    for (std::int64_t i = mode == "cubic" ? 2 : d.random.pick<std::int64_t>({1, 2, 2, 3}); i > 0; --i) {
        shape.push_back(d.random.between(2, 6));
    }
    const std::string x = d.value(kFloat, shape);
    const core::Tensor scales = drawScales(d, shape, mode);
    if (d.opset < 11) {
        d.node("Resize", {x, d.constant(scales)}, {{"mode", mode}});
        return;
    }
    const Attributes attributes = resizeAttributes(d, mode);
    const std::string roi =
        d.opset < 13 ? d.constant(core::makeTensor<float>({0}, std::span<const float>())) : "";
    if (d.random.chance(0.5)) {
        d.node("Resize", {x, roi, d.given(scales)}, attributes);
    } else {
        const std::string none =
            d.opset < 13 ? d.constant(core::makeTensor<float>({0}, std::span<const float>())) : "";
        d.node("Resize", {x, roi, none, d.given(int64s(resized(shape, scales)))}, attributes);
    }
}

void drawUpsample(Draw& d, const Row&)
{
    const std::string mode = d.random.pick(Strings{"nearest", "linear"});
    const std::string x = d.any(kFloat, 4, 4);
    const auto real = [&] { return d.random.pick({1.0f, 2.0f, 3.0f, 1.5f}); };
    const std::vector<float> scales{1.0f, 1.0f, real(), real()};
    if (d.opset < 9) {
        d.node("Upsample", {x}, {{"mode", mode}, {"scales", scales}});
    } else {
        d.node("Upsample", {x, d.constant(core::makeTensor<float>({4}, scales))}, {{"mode", mode}});
    }
}

void drawGridSample(Draw& d, const Row&)
{
    const std::int64_t batch = d.random.between(1, 2);
    const bool isVolume = d.opset >= 20 && d.random.chance(0.3);
    const std::int64_t axes = isVolume ? 3 : 2;
    Shape src{batch, d.random.between(1, 3)};
    Shape grid{batch};
    for (std::int64_t a = 0; a < axes; ++a) {
        src.push_back(d.random.between(2, 5));
        grid.push_back(d.random.between(1, 4));
    }
    grid.push_back(axes);
    const std::string x = d.value(kFloat, src);
    const core::Tensor at = drawTensor(d.random, DataType::Float32, grid, Values::Unit);
    const Strings modes = isVolume ? Strings{"linear", "nearest"}
        : d.opset >= 20            ? Strings{"linear", "nearest", "cubic"}
                                   : Strings{"bilinear", "nearest", "bicubic"};
    const Attributes sometimes{{"padding_mode", d.random.pick(Strings{"zeros", "border", "reflection"})},
                               {"align_corners", d.random.between(0, 1)}};
    d.node("GridSample", {x, d.valueOf(at, Values::Unit)},
           d.some({{"mode", d.random.pick(modes)}}, sometimes));
}

void drawAffineGrid(Draw& d, const Row&)
{
    const std::int64_t axes = d.random.between(2, 3);
    const std::int64_t batch = d.random.between(1, 2);
    std::vector<std::int64_t> size{batch, d.random.between(1, 3)};
    for (std::int64_t a = 0; a < axes; ++a) {
        size.push_back(d.random.between(2, 5));
    }
    d.node("AffineGrid", {d.value(kFloat, {batch, axes, axes + 1}), d.given(int64s(size))},
           d.some({}, {{"align_corners", d.random.between(0, 1)}}));
}

void drawCol2Im(Draw& d, const Row&)
{
    const std::int64_t axes = d.random.between(1, 3);
    std::vector<std::int64_t> image;
    std::vector<std::int64_t> block;
    Integers stride;
    Integers dilation;
    Integers pads;
    std::int64_t places = 1;
    std::int64_t size = 1;
    for (std::int64_t a = 0; a < axes; ++a) {
        image.push_back(d.random.between(3, 7));
        block.push_back(d.random.between(1, 2));
        stride.push_back(d.random.between(1, 2));
        // ONNX Runtime 1.30 mixes up the elements of dilated blocks of anything but pictures.
        dilation.push_back(axes == 2 ? d.random.between(1, 2) : 1);
        pads.push_back(d.random.between(0, 1));
    }
    for (std::size_t a = 0; a < image.size(); ++a) {
        pads.push_back(d.random.between(0, 1));
        const std::int64_t room = image[a] + pads[a] + pads.back() - dilation[a] * (block[a] - 1) - 1;
        places *= room / stride[a] + 1;
        size *= block[a];
    }
    const std::string x = d.value(kFloat, {d.random.between(1, 2), d.random.between(1, 3) * size, places});
    d.node("Col2Im", {x, d.given(int64s(image)), d.given(int64s(block))},
           {{"strides", stride}, {"dilations", dilation}, {"pads", pads}});
}

void drawDeformConv(Draw& d, const Row&)
{
    const std::int64_t groups = d.random.between(1, 2);
    const std::int64_t offsetGroups = d.random.between(1, 2);
    const std::int64_t channels = 2 * d.random.between(1, 2);
    const Shape src{d.random.between(1, 2), channels, d.random.between(3, 6), d.random.between(3, 6)};
    const Shape weights{groups * d.random.between(1, 2), channels / groups, d.random.between(1, 3),
                        d.random.between(1, 3)};
    const std::int64_t stride = d.random.between(1, 2);
    const std::int64_t pad = d.random.between(0, 1);
    const auto places = [&](std::size_t a) { return (src[a] + 2 * pad - weights[a]) / stride + 1; };
    const std::int64_t taps = offsetGroups * weights[2] * weights[3];
    Names inputs{d.value(kFloat, src), d.weights(weights),
                 d.value(kFloat, {src[0], 2 * taps, places(2), places(3)})};
    const bool hasMask = d.random.chance(0.5);
    if (hasMask || d.random.chance(0.5)) {
        inputs.push_back(d.random.chance(0.6) ? d.weights({weights[0]}) : "");
    }
    if (hasMask) {
        inputs.push_back(d.value(kFloat, {src[0], taps, places(2), places(3)}));
    }
    d.node("DeformConv", inputs,
           {{"strides", Integers{stride, stride}},
            {"pads", Integers{pad, pad, pad, pad}},
            {"group", groups},
            {"offset_group", offsetGroups},
            {"kernel_shape", Integers{weights[2], weights[3]}}});
}

/// Boxes x1 y1 x2 y2 inside the picture.
void drawRoiAlign(Draw& d, const Row&)
{
    const std::int64_t batch = d.random.between(1, 2);
    const std::int64_t boxes = d.random.between(1, 3);
    const std::string x = d.value(kFloat, {batch, d.random.between(1, 3), 8, 8});
    std::vector<float> corners;
    for (std::int64_t i = 0; i < boxes; ++i) {
        const double left = d.random.real(0, 5);
        const double top = d.random.real(0, 5);
        for (const double value : {left, top, left + d.random.real(0.5, 4), top + d.random.real(0.5, 4)}) {
            corners.push_back(static_cast<float>(value));
        }
    }
    Attributes sometimes{{"mode", d.random.pick(Strings{"avg", "max"})},
                         {"sampling_ratio", d.random.between(0, 2)},
                         {"spatial_scale", d.random.pick({1.0f, 0.5f})}};
    if (d.opset >= 16) {
        sometimes["coordinate_transformation_mode"] =
            d.random.pick(Strings{"half_pixel", "output_half_pixel"});
    }
    const Attributes attributes = d.some(
        {{"output_height", d.random.between(1, 3)}, {"output_width", d.random.between(1, 3)}}, sometimes);
    d.node("RoiAlign",
           {x, d.given(core::makeTensor<float>({boxes, 4}, corners)),
            d.given(drawIntegers(d.random, DataType::Int64, {boxes}, 0, batch - 1))},
           attributes);
}

void drawNonMaxSuppression(Draw& d, const Row&)
{
    const std::int64_t boxes = d.random.between(1, 6);
    const std::int64_t batch = d.random.between(1, 2);
    const core::Tensor corners = drawTensor(d.random, DataType::Float32, {batch, boxes, 4}, Values::Positive);
    const core::Tensor scores =
        drawTensor(d.random, DataType::Float32, {batch, d.random.between(1, 2), boxes}, Values::Unit);
    Names inputs{d.given(corners), d.given(scores)};
    if (d.random.chance(0.8)) {
        inputs.push_back(d.constant(int64s({d.random.between(1, 4)})));
        if (d.random.chance(0.7)) {
            inputs.push_back(d.constant(core::makeTensor<float>({1}, std::vector{0.4f})));
            inputs.push_back(
                d.random.chance(0.5) ? d.constant(core::makeTensor<float>({1}, std::vector{0.1f})) : "");
        }
    }
    d.node("NonMaxSuppression", inputs, d.some({}, {{"center_point_box", d.random.between(0, 1)}}));
}

constexpr Row kSamplingRows[] = {
    {"", "Resize", 10, drawResize, true},         {"", "Upsample", 7, drawUpsample, true, 9},
    {"", "GridSample", 16, drawGridSample, true}, {"", "AffineGrid", 20, drawAffineGrid, true},
    {"", "Col2Im", 18, drawCol2Im, true},         {"", "DeformConv", 19, drawDeformConv, true},
    {"", "RoiAlign", 10, drawRoiAlign, true},     {"", "NonMaxSuppression", 10, drawNonMaxSuppression},
};

} // namespace

std::span<const Row> samplingRows() { return kSamplingRows; }

} // namespace fuzz
