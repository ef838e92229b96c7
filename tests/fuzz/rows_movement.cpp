#include "tests/fuzz/rows.h"

#include <algorithm>
#include <numeric>

namespace fuzz {

namespace {

void drawTranspose(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers);
    Ints perm(static_cast<std::size_t>(d.rank(x)));
    std::iota(perm.begin(), perm.end(), 0);
    for (std::size_t i = perm.size(); i > 1; --i) {
        std::swap(perm[i - 1], perm[d.random.next() % i]);
    }
    d.node("Transpose", {x}, d.random.chance(0.8) ? Attributes{{"perm", perm}} : Attributes{});
}

void drawConcat(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1);
    const std::int64_t axis = d.axisOf(d.rank(x));
    Names all{x};
    for (std::int64_t more = d.random.between(0, 3); more > 0; --more) {
        Shape shape = d.shape(x);
        shape[static_cast<std::size_t>(axis < 0 ? axis + d.rank(x) : axis)] = d.random.between(1, 3);
        all.push_back(d.random.chance(0.15) ? x : d.value({d.type(x)}, shape));
    }
    std::rotate(all.begin(), all.begin() + d.random.between(0, std::ssize(all) - 1), all.end());
    d.node("Concat", all, {{"axis", axis}});
}

void drawSplit(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1);
    const std::int64_t axis = d.axisOf(d.rank(x));
    const std::int64_t length = d.shape(x)[static_cast<std::size_t>(axis < 0 ? axis + d.rank(x) : axis)];
    Ints parts;
    for (std::int64_t rest = length; rest > 0; rest -= parts.back()) {
        parts.push_back(d.random.between(1, rest));
    }
    const bool isEqual = std::ranges::all_of(parts, [&](std::int64_t p) { return p == parts[0]; });
    Attributes attributes = d.some({}, {{"axis", axis}});
    if (!attributes.contains("axis") && axis != 0) {
        attributes["axis"] = axis;
    }
    const auto count = static_cast<int>(parts.size());
    if (isEqual && d.random.chance(0.5)) {
        if (d.opset >= 18) {
            attributes["num_outputs"] = std::int64_t{count};
        }
        d.node("Split", {x}, attributes, count);
    } else if (d.opset >= 13) {
        d.node("Split", {x, d.constant(int64s(parts))}, attributes, count);
    } else {
        attributes["split"] = parts;
        d.node("Split", {x}, attributes, count);
    }
}

void drawExpand(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers);
    d.node("Expand", {x, d.given(int64s(d.broadcastable(d.shape(x))))});
}

void drawTile(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1, 4);
    Ints repeats;
    for (std::int64_t i = 0; i < d.rank(x); ++i) {
        repeats.push_back(d.random.between(1, 3));
    }
    d.node("Tile", {x, d.given(int64s(repeats))});
}

void drawDepthToSpace(Draw& d, const Row&)
{
    const std::int64_t block = d.random.between(1, 3);
    const Shape shape{d.random.between(1, 2), block * block * d.random.between(1, 2), d.random.between(1, 4),
                      d.random.between(1, 4)};
    Attributes attributes{{"blocksize", block}};
    if (d.opset >= 11 && d.random.chance(0.6)) {
        attributes["mode"] = std::string(d.random.pick({"DCR", "CRD"}));
    }
    d.node("DepthToSpace", {d.value(kFloat, shape)}, attributes);
}

void drawSpaceToDepth(Draw& d, const Row&)
{
    const std::int64_t block = d.random.between(1, 3);
    const Shape shape{d.random.between(1, 2), d.random.between(1, 3), block * d.random.between(1, 3),
                      block * d.random.between(1, 3)};
    d.node("SpaceToDepth", {d.value(kFloat, shape)}, {{"blocksize", block}});
}

struct Range
{
    Ints starts, ends, axes, steps;
};

/// Starts and ends from before to beyond the axis, steps of both signs; never an empty result.
Range drawRange(Draw& d, const Shape& shape, bool hasSteps)
{
    Range range;
    for (std::int64_t axis = 0; axis < std::ssize(shape); ++axis) {
        if (d.random.chance(0.4)) {
            continue;
        }
        const std::int64_t size = shape[static_cast<std::size_t>(axis)];
        std::int64_t start = d.random.between(0, size - 1);
        std::int64_t end = d.random.between(start + 1, size + 1);
        std::int64_t step = hasSteps && d.random.chance(0.3) ? 2 : 1;
        if (hasSteps && d.random.chance(0.25)) {
            std::swap(start, end);
            end = end == 0 || d.random.chance(0.3) ? -size - 1 : end - 1;
            step = -step;
        } else if (d.random.chance(0.2)) {
            end = std::int64_t{1} << 31;
        } else if (end < size && d.random.chance(0.3)) {
            end -= size;
        }
        range.starts.push_back(d.random.chance(0.2) && start < size ? start - size : start);
        range.ends.push_back(end);
        range.axes.push_back(d.opset >= 10 && d.random.chance(0.3) ? axis - std::ssize(shape) : axis);
        range.steps.push_back(step);
    }
    return range;
}

void drawSlice(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1);
    const Range r = drawRange(d, d.shape(x), d.opset >= 10);
    if (d.opset < 10) {
        if (r.axes.empty()) {
            return drawTranspose(d, {});
        }
        d.node("Slice", {x}, {{"starts", r.starts}, {"ends", r.ends}, {"axes", r.axes}});
        return;
    }
    const DataType type = d.random.pick(kIndices);
    const auto given = [&](const Ints& values) { return d.given(core::castTo(int64s(values), type)); };
    if (r.axes.empty()) {
        d.node("Slice", {x, d.constant(int64s({0})), d.constant(int64s({d.shape(x)[0]}))});
        return;
    }
    Ints clamped = r.ends;
    if (type == DataType::Int32) {
        std::ranges::replace(clamped, std::int64_t{1} << 31, (std::int64_t{1} << 31) - 1);
    }
    const bool allOne = std::ranges::all_of(r.steps, [](std::int64_t s) { return s == 1; });
    d.node("Slice",
           {x, given(r.starts), given(clamped), given(r.axes),
            allOne && d.random.chance(0.6) ? "" : given(r.steps)});
}

void drawPad(Draw& d, const Row&)
{
    const std::string x = d.any(d.opset >= 13 ? kNumbers : kFloat, 1);
    const std::string mode = d.random.pick(
        d.opset >= 19 ? std::vector<std::string>{"constant", "constant", "reflect", "edge", "wrap"}
                      : std::vector<std::string>{"constant", "constant", "reflect", "edge"});
    Ints pads;
    for (int side = 0; side < 2; ++side) {
        for (const std::int64_t size : d.shape(x)) {
            const std::int64_t most = mode == "reflect" ? size - 1 : mode == "wrap" ? size : 2;
            const std::int64_t least = mode == "constant" && size > 3 && d.random.chance(0.1) ? -1 : 0;
            pads.push_back(d.random.between(least, std::min<std::int64_t>(most, 2)));
        }
    }
    Attributes attributes;
    if (mode != "constant" || d.random.chance(0.5)) {
        attributes["mode"] = mode;
    }
    if (d.opset < 11) {
        attributes["pads"] = pads;
        if (d.random.chance(0.5)) {
            attributes["value"] = d.random.pick({0.0f, 1.5f, -3.0f});
        }
        d.node("Pad", {x}, attributes);
        return;
    }
    Names inputs{x, d.given(int64s(pads))};
    inputs.push_back(d.random.chance(0.5) && mode == "constant"
                         ? d.given(drawIntegers(d.random, d.type(x), {}, 0, 3))
                         : "");
    if (d.opset >= 18 && d.random.chance(0.2)) {
        Ints axes(static_cast<std::size_t>(d.rank(x)));
        std::iota(axes.begin(), axes.end(), 0);
        inputs.push_back(d.constant(int64s(axes)));
    }
    d.node("Pad", inputs, attributes);
}

constexpr Row kMovementRows[] = {
    {"", "Transpose", 6, drawTranspose},
    {"", "Concat", 6, drawConcat},
    {"", "Split", 6, drawSplit},
    {"", "Expand", 8, drawExpand},
    {"", "Tile", 6, drawTile},
    {"", "DepthToSpace", 6, drawDepthToSpace},
    {"", "SpaceToDepth", 6, drawSpaceToDepth},
    {"", "Slice", 6, drawSlice},
    {"", "Pad", 6, drawPad},
};

} // namespace

std::span<const Row> movementRows() { return kMovementRows; }

} // namespace fuzz
