#include "core/device/arrangement.h"

#include <algorithm>
#include <array>
#include <utility>

namespace core {

namespace {

constexpr std::array<std::pair<std::string_view, Arrangement>, 5> kNames{
    {{"NCHW", Arrangement::AsIs},
     {"NHWC", Arrangement::ChannelsLast},
     {"nChw8c", Arrangement::Blocked8},
     {"nChw16c", Arrangement::Blocked16},
     {"transposed", Arrangement::Transposed}}};

Shape channelsLast(const Shape& shape)
{
    Shape moved = shape;
    std::rotate(moved.begin() + 1, moved.begin() + 2, moved.end());
    return moved;
}

/// Axes of ours in the order in which they are stored.
std::vector<std::size_t> storedAxes(std::size_t rank, Arrangement arrangement)
{
    std::vector<std::size_t> axes(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        axes[i] = i;
    }
    if (arrangement == Arrangement::ChannelsLast) {
        std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
    } else if (arrangement == Arrangement::Transposed) {
        std::swap(axes[rank - 1], axes[rank - 2]);
    }
    return axes;
}

Shape inStoredOrder(const Shape& ours, Arrangement arrangement)
{
    Shape extents;
    for (const std::size_t axis : storedAxes(ours.size(), arrangement)) {
        extents.push_back(ours[axis]);
    }
    return extents;
}

bool holds(const Shape& larger, const Shape& smaller)
{
    return larger.size() == smaller.size()
        && std::ranges::equal(larger, smaller, [](std::int64_t a, std::int64_t b) { return a >= b; });
}

std::vector<float> unblocked(std::span<const float> numbers, const Shape& ours, std::int64_t block)
{
    const std::int64_t spatial = elementCount(std::span(ours).subspan(2));
    const std::int64_t blocks = (ours[1] + block - 1) / block;
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(elementCount(ours)));
    for (std::int64_t n = 0; n < ours[0]; ++n) {
        for (std::int64_t c = 0; c < ours[1]; ++c) {
            for (std::int64_t p = 0; p < spatial; ++p) {
                const std::int64_t at = ((n * blocks + c / block) * spatial + p) * block + c % block;
                values.push_back(numbers[static_cast<std::size_t>(at)]);
            }
        }
    }
    return values;
}

} // namespace

std::string_view nameOf(Arrangement arrangement)
{
    return std::ranges::find(kNames, arrangement, [](const auto& row) { return row.second; })->first;
}

std::optional<Arrangement> arrangementNamed(std::string_view name)
{
    const auto* const found = std::ranges::find(kNames, name, [](const auto& row) { return row.first; });
    return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::vector<float>> arranged(std::span<const float> numbers, const Shape& stored,
                                           const Shape& ours, Arrangement arrangement)
{
    const auto count = static_cast<std::int64_t>(numbers.size());
    if (arrangement != Arrangement::AsIs && ours.size() < (arrangement == Arrangement::Transposed ? 2 : 3)) {
        return std::nullopt;
    }
    if (arrangement == Arrangement::Blocked8 || arrangement == Arrangement::Blocked16) {
        const std::int64_t block = arrangement == Arrangement::Blocked8 ? 8 : 16;
        Shape padded = ours;
        padded[1] = (ours[1] + block - 1) / block * block;
        return elementCount(padded) == count ? std::optional(unblocked(numbers, ours, block)) : std::nullopt;
    }
    const std::vector<std::size_t> axes = storedAxes(ours.size(), arrangement);
    Shape extents = inStoredOrder(ours, arrangement);
    if (elementCount(extents) != count) {
        if (!holds(stored, extents) || elementCount(stored) != count) {
            return std::nullopt;
        }
        extents = stored;
    }
    const Shape steps = rowMajorStrides(extents);
    Shape stepOf(ours.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
        stepOf[axes[i]] = steps[i];
    }
    std::vector<float> values(static_cast<std::size_t>(elementCount(ours)));
    Shape index(ours.size(), 0);
    std::int64_t at = 0;
    for (float& value : values) {
        value = numbers[static_cast<std::size_t>(at)];
        for (std::size_t axis = ours.size(); axis-- > 0;) {
            at += stepOf[axis];
            if (++index[axis] < ours[axis]) {
                break;
            }
            at -= stepOf[axis] * ours[axis];
            index[axis] = 0;
        }
    }
    return values;
}

std::optional<Arrangement> claimedArrangement(const Shape& stored, const Shape& ours)
{
    if (stored == ours || ours.size() < 3) {
        return stored.size() == ours.size() ? std::optional(Arrangement::AsIs) : std::nullopt;
    }
    if (stored == channelsLast(ours)) {
        return Arrangement::ChannelsLast;
    }
    return std::nullopt;
}

} // namespace core
