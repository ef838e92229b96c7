#include "core/graph/plain_quantization.h"

#include "core/base/error.h"
#include "core/graph/plain_products.h"
#include "core/graph/quantization_rewriter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numeric>

namespace core {

namespace {

struct ForeignForm
{
    std::string_view domain;
    std::string_view type;
    void (*rewrite)(QuantizationRewriter& r);
};

/// How the numbers of one constant spread over a tensor: one for all, or one for each index of an axis.
struct Spread
{
    std::vector<double> numbers;
    std::int64_t axis = -1; ///< none: one for all
};

Spread spreadOf(const QuantizationRewriter& r, const Tensor& tensor)
{
    Spread spread{doublesOf(tensor)};
    if (spread.numbers.size() == 1) {
        return spread;
    }
    for (std::size_t a = 0; a < tensor.rank(); ++a) {
        if (tensor.shape()[a] == tensor.count()) {
            spread.axis = static_cast<std::int64_t>(a);
            return spread;
        }
    }
    r.refuse(fmt::format("params of shape {} vary along several axes", toString(tensor.shape())));
}

/// Integer codes, one scale and zero point for each channel.
struct Grid
{
    std::vector<float> scale;
    std::vector<std::int64_t> zeroPoint;
    std::vector<float>
        shift; ///< of the grid against 0, where a zero point stands between two codes; else empty
    std::int64_t axis = -1;
    std::int64_t lowest = 0;
    std::int64_t highest = 255;
    int bits = 8;

    [[nodiscard]] bool isSigned() const { return lowest < 0; }
    [[nodiscard]] std::int64_t wholeLowest() const
    {
        return isSigned() ? -(std::int64_t{1} << (bits - 1)) : 0;
    }
    [[nodiscard]] std::int64_t wholeHighest() const
    {
        return (std::int64_t{1} << (isSigned() ? bits - 1 : bits)) - 1;
    }
};

Tensor zeroPointTensor(const Grid& grid, const Shape& shape)
{
    const auto made = [&]<typename T>(std::type_identity<T>) {
        std::vector<T> numbers;
        for (const std::int64_t z : grid.zeroPoint) {
            numbers.push_back(static_cast<T>(z));
        }
        return makeTensor<T>(shape, numbers);
    };
    if (grid.bits > 8) {
        return grid.isSigned() ? made(std::type_identity<std::int16_t>{})
                               : made(std::type_identity<std::uint16_t>{});
    }
    return grid.isSigned() ? made(std::type_identity<std::int8_t>{})
                           : made(std::type_identity<std::uint8_t>{});
}

/// Where the grid stands against 0, as a constant that broadcasts like the bounds; empty: on it.
std::string shiftOf(QuantizationRewriter& r, const Grid& grid)
{
    if (grid.shift.empty()) {
        return {};
    }
    const Shape shape = grid.axis < 0 ? Shape{}
        : r.constantAt(1).count() > 1 ? r.constantAt(1).shape()
                                      : r.constantAt(2).shape();
    return r.constant("shift", makeTensor<float>(shape, grid.shift));
}

/// x rounded to that grid, as QuantizeLinear and DequantizeLinear. A range narrower than the bits hold is
/// clipped in front: its bounds stand on the grid.
void finishOnGrid(QuantizationRewriter& r, const Grid& grid)
{
    const std::int64_t count = std::ssize(grid.scale);
    const Shape shape = grid.axis < 0 ? Shape{} : Shape{count};
    std::string x = r.input(0);
    const std::string shift = shiftOf(r, grid);
    if (!shift.empty()) {
        x = r.add("from_zero", "Sub", {x, shift});
    }
    if (grid.lowest > grid.wholeLowest() || grid.highest < grid.wholeHighest()) {
        if (grid.axis >= 0) {
            // Per channel Min and Max broadcast; the axis counts from the end as far as the operand reaches.
            r.refuse("a range narrower than its bits per channel of an activation is not known");
        }
        const auto bound = [&](std::int64_t code) {
            const float number = static_cast<float>(code - grid.zeroPoint[0]) * grid.scale[0];
            return makeTensor<float>({}, std::span(&number, 1));
        };
        x = r.add("clipped", "Clip",
                  {x, r.constant("low", bound(grid.lowest)), r.constant("high", bound(grid.highest))});
    }
    const std::string scale = r.constant("scale", makeTensor<float>(shape, grid.scale));
    const std::string zero = r.constant("zero_point", zeroPointTensor(grid, shape));
    QuantizationRewriter::Attributes attributes;
    if (grid.axis >= 0) {
        attributes["axis"] = grid.axis;
    }
    if (grid.bits < 8) {
        attributes["code_bits"] = std::int64_t{grid.bits};
    }
    const std::string codes = r.add("codes", "QuantizeLinear", {x, scale, zero}, attributes);
    if (shift.empty()) {
        r.finish("DequantizeLinear", {codes, scale, zero}, attributes);
    } else {
        r.finish("Add", {r.add("reals", "DequantizeLinear", {codes, scale, zero}, attributes), shift});
    }
}

/// Constants are clipped where they stand, so that no operator remains.
void finishConstantOnGrid(QuantizationRewriter& r, const Grid& grid, const Tensor& x)
{
    const std::int64_t count = std::ssize(grid.scale);
    const Shape shape = grid.axis < 0 ? Shape{} : Shape{count};
    std::int64_t inner = 1;
    for (std::size_t a = static_cast<std::size_t>(grid.axis) + 1; grid.axis >= 0 && a < x.rank(); ++a) {
        inner *= x.shape()[a];
    }
    const auto reals = doublesOf(x);
    std::vector<std::int64_t> codes;
    codes.reserve(reals.size());
    for (std::size_t i = 0; i < reals.size(); ++i) {
        const std::size_t c =
            count == 1 ? 0 : (i / static_cast<std::size_t>(inner)) % static_cast<std::size_t>(count);
        const double code = std::nearbyint(static_cast<double>(static_cast<float>(reals[i]) / grid.scale[c]))
            + static_cast<double>(grid.zeroPoint[c]);
        codes.push_back(static_cast<std::int64_t>(
            std::clamp(code, static_cast<double>(grid.lowest), static_cast<double>(grid.highest))));
    }
    Grid asCodes = grid;
    asCodes.zeroPoint = std::move(codes);
    QuantizationRewriter::Attributes attributes;
    if (grid.axis >= 0) {
        attributes["axis"] = grid.axis;
    }
    if (grid.bits < 8) {
        attributes["code_bits"] = std::int64_t{grid.bits};
    }
    r.finish("DequantizeLinear",
             {r.constant("codes", zeroPointTensor(asCodes, x.shape())),
              r.constant("scale", makeTensor<float>(shape, grid.scale)),
              r.constant("zero_point", zeroPointTensor(grid, shape))},
             attributes);
}

void finishOnGridOf(QuantizationRewriter& r, const Grid& grid)
{
    if (const Tensor* x = r.maybeConstant(0); x && grid.shift.empty()) {
        finishConstantOnGrid(r, grid, *x);
    } else {
        finishOnGrid(r, grid);
    }
}

/// The grid of a FakeQuantize; none where it has more levels than a byte.
std::optional<Grid> gridOf(const QuantizationRewriter& r, const Spread& low, const Spread& high,
                           std::int64_t levels)
{
    constexpr double kOnGrid = 1e-3; // of a code
    if (levels < 2 || levels > 256) {
        return std::nullopt;
    }
    Grid grid;
    grid.axis = low.axis >= 0 ? low.axis : high.axis;
    const std::size_t count = std::max(low.numbers.size(), high.numbers.size());
    bool isSymmetric = true;
    bool isShifted = false;
    for (std::size_t c = 0; c < count; ++c) {
        const double l = low.numbers[low.numbers.size() == 1 ? 0 : c];
        const double h = high.numbers[high.numbers.size() == 1 ? 0 : c];
        if (!(h > l)) {
            r.refuse(fmt::format("its range [{:g}, {:g}] is empty", l, h));
        }
        const double scale = (h - l) / static_cast<double>(levels - 1);
        const double zero = std::clamp(std::nearbyint(-l / scale), 0.0, static_cast<double>(levels - 1));
        isShifted = isShifted || std::abs(-l / scale - zero) > kOnGrid;
        grid.shift.push_back(static_cast<float>(l + zero * scale));
        grid.scale.push_back(static_cast<float>(scale));
        grid.zeroPoint.push_back(static_cast<std::int64_t>(zero));
        isSymmetric = isSymmetric && grid.zeroPoint.back() == levels / 2;
    }
    if (!isShifted) {
        grid.shift.clear();
    }
    grid.highest = levels - 1;
    if (isSymmetric) { // signed codes around 0
        grid.lowest = -(levels / 2);
        grid.highest = levels - 1 - levels / 2;
        std::ranges::fill(grid.zeroPoint, 0);
    } else if (std::ranges::all_of(grid.zeroPoint, [&](std::int64_t z) { return z == (levels - 1) / 2; })
               && levels % 2 == 1) {
        grid.lowest = -(levels - 1) / 2;
        grid.highest = (levels - 1) / 2;
        std::ranges::fill(grid.zeroPoint, 0);
    }
    return grid;
}

/// The formula as it is written, in float.
void finishAsFormula(QuantizationRewriter& r, std::int64_t levels)
{
    const auto steps = static_cast<float>(levels - 1);
    const std::string count = r.constant("steps", makeTensor<float>({}, std::span(&steps, 1)));
    const std::string above = r.add("above", "Max", {r.input(0), r.input(1)});
    const std::string clipped = r.add("clipped", "Min", {above, r.input(2)});
    const std::string width = r.add("width", "Sub", {r.input(2), r.input(1)});
    const std::string part = r.add("part", "Div", {r.add("shifted", "Sub", {clipped, r.input(1)}), width});
    const std::string level = r.add("level", "Round", {r.add("scaled", "Mul", {part, count})});
    const std::string share = r.add("share", "Div", {level, count});
    const std::string span = r.add("span", "Sub", {r.input(4), r.input(3)});
    r.finish("Add", {r.add("stretched", "Mul", {share, span}), r.input(3)});
}

bool areSame(const Tensor& a, const Tensor& b)
{
    return a.shape() == b.shape() && doublesOf(a) == doublesOf(b);
}

void fakeQuantize(QuantizationRewriter& r)
{
    const std::int64_t levels = r.node().integer("levels", 256);
    const Tensor& low = r.constantAt(1);
    const Tensor& high = r.constantAt(2);
    if (areSame(low, r.constantAt(3)) && areSame(high, r.constantAt(4))) {
        if (const auto grid = gridOf(r, spreadOf(r, low), spreadOf(r, high), levels)) {
            finishOnGridOf(r, *grid);
            return;
        }
    }
    finishAsFormula(r, levels);
}

void extended(QuantizationRewriter& r)
{
    if (const Tensor* zero = r.maybeConstant(2)) {
        if (zero->type() != DataType::Int8 && zero->type() != DataType::UInt8
            && zero->type() != DataType::Int16 && zero->type() != DataType::UInt16
            && zero->type() != DataType::Int32) {
            r.refuse(fmt::format("codes of type {} are not known", nameOf(zero->type())));
        }
    }
    std::vector<std::string> inputs{r.input(0), r.input(1)};
    if (r.has(2)) {
        inputs.push_back(r.input(2));
    }
    QuantizationRewriter::Attributes attributes;
    for (const char* key : {"axis", "block_size"}) {
        if (r.node().find(key)) {
            attributes[key] = r.node().integer(key, 0);
        }
    }
    const bool isQuantize = r.node().type.find("Dequantize") == std::string::npos;
    r.finish(isQuantize ? "QuantizeLinear" : "DequantizeLinear", inputs, std::move(attributes));
}

/// QONNX: x, scale, zero point, bits; attributes signed, narrow, rounding_mode.
void quant(QuantizationRewriter& r)
{
    const Spread scale = spreadOf(r, r.constantAt(1));
    const Spread zero = spreadOf(r, r.constantAt(2));
    const double bits = doublesOf(r.constantAt(3))[0];
    const std::string rounding = r.node().text("rounding_mode", "ROUND");
    const bool isSigned = r.node().integer("signed", 1) != 0;
    if (bits != std::nearbyint(bits) || bits < 2 || bits > 16) {
        r.refuse(fmt::format("{:g} bits are not known, only 2 to 16", bits));
    }
    if (rounding != "ROUND" && rounding != "HALF_EVEN") {
        r.refuse(fmt::format("rounding_mode {} is not known, only ROUND and HALF_EVEN", rounding));
    }
    Grid grid;
    grid.bits = bits > 8 ? 16 : static_cast<int>(bits);
    const auto whole = static_cast<int>(bits);
    grid.lowest = isSigned ? -(std::int64_t{1} << (whole - 1)) : 0;
    grid.highest = (std::int64_t{1} << (isSigned ? whole - 1 : whole)) - 1;
    if (r.node().integer("narrow", 0) != 0) {
        isSigned ? ++grid.lowest : --grid.highest;
    }
    grid.axis = scale.axis;
    for (std::size_t c = 0; c < scale.numbers.size(); ++c) {
        const double z = zero.numbers[zero.numbers.size() == 1 ? 0 : c];
        if (z != std::nearbyint(z) || z < static_cast<double>(grid.wholeLowest())
            || z > static_cast<double>(grid.wholeHighest())) {
            r.refuse(fmt::format("its zero point {:g} is no code", z));
        }
        grid.scale.push_back(static_cast<float>(scale.numbers[c]));
        grid.zeroPoint.push_back(static_cast<std::int64_t>(z));
    }
    finishOnGridOf(r, grid);
}

/// s where x ≥ 0, else −s.
void bipolarQuant(QuantizationRewriter& r)
{
    const float zero = 0.0f;
    const std::string isBelow =
        r.add("below", "Less", {r.input(0), r.constant("zero", makeTensor<float>({}, std::span(&zero, 1)))});
    r.finish("Where", {isBelow, r.add("negative", "Neg", {r.input(1)}), r.input(1)});
}

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr auto kForms = std::to_array<ForeignForm>({
    {kMicrosoft, "MatMulNBits", plain::matMulNBits},
    {kMicrosoft, "GatherBlockQuantized", plain::gatherBlockQuantized},
    {kMicrosoft, "DynamicQuantizeMatMul", plain::dynamicQuantizeMatMul},
    {kMicrosoft, "MatMulIntegerToFloat", plain::matMulIntegerToFloat},
    {kMicrosoft, "QGemm", plain::qGemm},
    {kMicrosoft, "QAttention", plain::qAttention},
    {"org.openvinotoolkit", "FakeQuantize", fakeQuantize},
    {"com.amd.quark", "ExtendedQuantizeLinear", extended},
    {"com.amd.quark", "ExtendedDequantizeLinear", extended},
    {"com.vai.quantize", "VitisQuantizeLinear", extended},
    {"com.vai.quantize", "VitisDequantizeLinear", extended},
    {"onnx.brevitas", "Quant", quant},
    {"onnx.brevitas", "BipolarQuant", bipolarQuant},
    {"finn.custom_op.general", "Quant", quant},
    {"finn.custom_op.general", "BipolarQuant", bipolarQuant},
    {"qonnx.custom_op.general", "Quant", quant},
    {"qonnx.custom_op.general", "IntQuant", quant},
    {"qonnx.custom_op.general", "BipolarQuant", bipolarQuant},
});

const ForeignForm* formOf(std::string_view domain, std::string_view type)
{
    const auto it = std::ranges::find_if(
        kForms, [&](const ForeignForm& form) { return form.domain == domain && form.type == type; });
    return it == kForms.end() ? nullptr : &*it;
}

} // namespace

bool isForeignQuantization(std::string_view domain, std::string_view type)
{
    return formOf(domain, type) != nullptr;
}

Graph withPlainQuantization(Graph graph)
{
    if (std::ranges::none_of(graph.nodes(),
                             [](const Node& node) { return formOf(node.domain, node.type) != nullptr; })) {
        return graph;
    }
    QuantizationRewriter rewriter(graph);
    for (const Node& node : graph.nodes()) {
        rewriter.begin(node);
        if (const ForeignForm* form = formOf(node.domain, node.type)) {
            form->rewrite(rewriter);
        } else {
            rewriter.copy();
        }
    }
    return std::move(rewriter).run(graph.outputs());
}

} // namespace core
