#include "core/tensor/shape.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
}

std::int64_t elementCount(std::span<const std::int64_t> shape)
{
    std::int64_t count = 1;
    bool empty = false;
    for (const std::int64_t dimension : shape) {
        if (dimension < 0) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("shape {} has an unknown dimension", toString(shape)));
        }
        if (dimension == 0) {
            empty = true;
        } else if (count > kMostElements / dimension) {
            throw Error(ErrorKind::OutOfBudget,
                        fmt::format("shape {} has more than 2^40 elements", toString(shape)));
        } else {
            count *= dimension;
        }
    }
    return empty ? 0 : count;
}

bool isStatic(std::span<const std::int64_t> shape)
{
    return std::ranges::all_of(shape, [](std::int64_t d) { return d >= 0; });
}

std::string toString(std::span<const std::int64_t> shape)
{
    if (shape.empty()) {
        return "scalar";
    }
    std::string text;
    for (const std::int64_t dimension : shape) {
        text += text.empty() ? "" : "x";
        text += dimension < 0 ? "?" : std::to_string(dimension);
    }
    return text;
}

std::string toString(std::span<const std::int64_t> shape, const std::vector<std::string>& dimensionNames)
{
    if (std::ranges::all_of(dimensionNames, &std::string::empty)) {
        return toString(shape);
    }
    std::string text;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const bool isNamed = axis < dimensionNames.size() && !dimensionNames[axis].empty();
        text += text.empty() ? "" : ", ";
        text += shape[axis] >= 0 ? std::to_string(shape[axis]) : isNamed ? dimensionNames[axis] : "?";
    }
    return "[" + text + "]";
}

Shape broadcastShapes(std::span<const std::int64_t> a, std::span<const std::int64_t> b)
{
    Shape result(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < result.size(); ++i) { // i counts from the last axis
        const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
        const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (x != y && x != 1 && y != 1) {
            throw Error(ErrorKind::ShapeMismatch,
                        fmt::format("shapes {} and {} do not broadcast", toString(a), toString(b)));
        }
        result[result.size() - 1 - i] = x == 1 ? y : x;
    }
    return result;
}

Shape rowMajorStrides(std::span<const std::int64_t> shape)
{
    Shape strides(shape.size());
    std::int64_t step = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = step;
        step *= shape[i];
    }
    return strides;
}

std::int64_t normalizedAxis(std::int64_t axis, std::size_t rank)
{
    const auto r = static_cast<std::int64_t>(rank);
    if (axis < -r || axis >= r) {
        throw Error(ErrorKind::InvalidModel,
                    fmt::format("axis {} is outside a tensor of rank {}", axis, rank));
    }
    return axis < 0 ? axis + r : axis;
}

} // namespace core
