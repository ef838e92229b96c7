#include "core/device/divergence_kind.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace core {

namespace {

constexpr double kSlack = 0.25; // LSB: what floats of another runtime may add
constexpr std::string_view kDivergenceNames[] = {"layout",
                                                 "batch order",
                                                 "type",
                                                 "rounding",
                                                 "zero point",
                                                 "scale",
                                                 "clip",
                                                 "stale range",
                                                 "missing fusion",
                                                 "extra fusion",
                                                 "padding",
                                                 "one wrong channel",
                                                 "saturating accumulator",
                                                 "unknown"};

/// Share of elements where the prediction holds within the slack.
template <typename Predict>
double keptShare(const DivergentResult& r, Predict predict)
{
    const double slack = kSlack * r.step();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        kept += std::abs(r.device[i] - predict(i)) <= slack ? 1 : 0;
    }
    return static_cast<double>(kept) / static_cast<double>(std::max<std::size_t>(r.device.size(), 1));
}

bool keeps(const DivergentResult& r, std::span<const float> prediction)
{
    return prediction.size() == r.device.size()
        && keptShare(r, [&](std::size_t i) { return prediction[i]; }) > 0.9999;
}

std::optional<Divergence> order(const DivergentResult& r)
{
    for (const auto& [name, values] : r.rearranged) {
        DivergentResult other = r;
        other.device = values;
        if (!departs(other)) {
            return Divergence{DivergenceKind::Layout,
                              fmt::format("read as {} all {} numbers are equal", name, values.size()),
                              fmt::format("say \"layout\": \"{}\" of this tensor in index.json", name)};
        }
    }
    for (const auto& [sample, values] : r.otherSamples) {
        if (keeps(r, values)) {
            return Divergence{DivergenceKind::BatchOrder, fmt::format("equal to ours of sample {}", sample),
                              "give the samples in the order of the data"};
        }
    }
    const std::int64_t batch = r.shape.empty() ? 1 : r.shape[0];
    if (batch > 1) {
        const std::size_t item = r.device.size() / static_cast<std::size_t>(batch);
        for (std::int64_t shift = 1; shift < batch; ++shift) {
            const auto by = static_cast<std::size_t>(shift) * item;
            if (keptShare(r, [&](std::size_t i) { return r.own[(i + by) % r.own.size()]; }) > 0.9999) {
                return Divergence{DivergenceKind::BatchOrder,
                                  fmt::format("equal to ours {} items further on", shift),
                                  "give the items in the order of the data"};
            }
        }
    }
    return std::nullopt;
}

std::optional<Divergence> type(const DivergentResult& r)
{
    if (!std::ranges::all_of(r.device, [](float x) { return std::isfinite(x); })) {
        return Divergence{DivergenceKind::Type, "numbers that are not finite", "check type and byte order"};
    }
    if (!r.params) {
        return std::nullopt;
    }
    const double scale = r.params->scale[0];
    const int zero = r.params->zeroPoint[0];
    const auto code = [&](std::size_t i) { return std::round(r.own[i] / scale) + zero; };
    for (const int wrap : {0, 256}) {
        const auto wrapped = [&](std::size_t i) {
            const double c = code(i);
            return wrap == 0 ? c : c >= 128 ? c - wrap : c < 0 ? c + wrap : c;
        };
        if (wrap == 0 && keptShare(r, wrapped) > 0.9999) {
            return Divergence{DivergenceKind::Type, "the numbers are our codes themselves",
                              fmt::format("say scale {:.9g} and zero_point {} of this tensor", scale, zero)};
        }
        if (wrap != 0 && keptShare(r, [&](std::size_t i) { return scale * (wrapped(i) - zero); }) > 0.9999) {
            return Divergence{DivergenceKind::Type, "codes of 128 and more wrap by 256",
                              "say the other one of int8 and uint8 as \"type\""};
        }
    }
    return std::nullopt;
}

/// Runs of the same operator under another arithmetic; and the setting that gives exactly this.
std::optional<Divergence> alternative(const DivergentResult& r)
{
    for (const Alternative& other : r.alternatives) {
        if (keeps(r, other.values)) {
            return Divergence{other.kind, fmt::format("equal to ours with {}", other.setting),
                              fmt::format("--set '{}::{}'", r.op.name, other.setting)};
        }
    }
    return std::nullopt;
}

std::optional<Divergence> zeroPoint(const DivergentResult& r)
{
    const auto [low, high] = std::ranges::minmax(r.device);
    std::map<long, std::size_t> offsets;
    std::size_t inside = 0;
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        if (r.device[i] > low && r.device[i] < high) {
            const double offset = (r.device[i] - r.own[i]) / r.step();
            inside += 1;
            offsets[std::lround(offset)] += std::abs(offset - std::round(offset)) < kSlack ? 1 : 0;
        }
    }
    if (inside < 3) {
        return std::nullopt;
    }
    const auto usual = std::ranges::max_element(offsets, {}, [](const auto& o) { return o.second; });
    if (usual->first == 0 || static_cast<double>(usual->second) < 0.98 * static_cast<double>(inside)) {
        return std::nullopt;
    }
    return Divergence{DivergenceKind::ZeroPoint,
                      fmt::format("{} of {} unsaturated numbers are off by exactly {:+} LSB", usual->second,
                                  inside, usual->first),
                      r.params ? fmt::format("the device's zero point of this tensor is {}: say so",
                                             r.params->zeroPoint[0] - usual->first)
                               : "check the bias of this operator"};
}

std::optional<Divergence> scale(const DivergentResult& r)
{
    double products = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        products += double{r.device[i]} * r.own[i];
        squares += double{r.own[i]} * r.own[i];
    }
    const double factor = squares > 0.0 ? products / squares : 1.0;
    if (std::abs(factor - 1.0) < 1e-3
        || keptShare(r, [&](std::size_t i) { return factor * r.own[i]; }) < 0.999) {
        return std::nullopt;
    }
    return Divergence{DivergenceKind::Scale, fmt::format("all numbers are {:.5g} times ours", factor),
                      r.params
                          ? fmt::format("the device's scale is {:.6g}, ours {:.6g}: set activation.range of "
                                        "this operator accordingly",
                                        factor * r.params->scale[0], r.params->scale[0])
                          : "check scales of weights and inputs"};
}

std::optional<Divergence> bounds(const DivergentResult& r)
{
    const auto [low, high] = std::ranges::minmax(r.device);
    const auto [ownLow, ownHigh] = std::ranges::minmax(r.own);
    if (keptShare(r, [&](std::size_t i) { return std::clamp(r.own[i], low, high); }) > 0.9999) {
        if (ownLow < 0.0F && low == 0.0F && std::abs(high - ownHigh) <= kSlack * r.step()) {
            return Divergence{DivergenceKind::ExtraFusion,
                              fmt::format("equal to ours with a Relu; ours goes down to {:.5g}", ownLow),
                              "the device fuses a Relu here that the model does not have"};
        }
        return Divergence{
            DivergenceKind::Clip,
            fmt::format("saturates at {:.6g} … {:.6g}, ours {:.6g} … {:.6g}", low, high, ownLow, ownHigh),
            fmt::format("--set '{}::activation.method=manual' with \"activation.range\": [{:.6g}, {:.6g}]",
                        r.op.name, low, high)};
    }
    // Bounds of an activation that the device did not apply.
    DivergentResult clamped = r;
    std::vector<float> values(r.device.begin(), r.device.end());
    for (float& value : values) {
        value = std::clamp(value, ownLow, ownHigh);
    }
    clamped.device = values;
    if (!departs(clamped)) {
        return Divergence{
            DivergenceKind::MissingFusion,
            fmt::format("goes to {:.5g} … {:.5g}; ours stops at {:.5g} … {:.5g} and is equal between", low,
                        high, ownLow, ownHigh),
            "the device did not apply the activation that is fused here"};
    }
    return std::nullopt;
}

/// The grid of another scale, on which FP32 was rounded.
std::optional<Divergence> staleRange(const DivergentResult& r)
{
    const std::set<float> levels(r.device.begin(), r.device.end());
    if (!r.params || levels.size() < 6) {
        return std::nullopt;
    }
    double step = INFINITY;
    for (auto next = std::next(levels.begin()); next != levels.end(); ++next) {
        const double gap = double{*next} - *std::prev(next);
        step = gap > 1e-3 * r.step() ? std::min(step, gap) : step;
    }
    const double span = double{*levels.rbegin()} - *levels.begin();
    step = span / std::max(1.0, std::round(span / step)); // less of the rounding of floats
    if (std::abs(step / r.step() - 1.0) < 5e-3) {
        return std::nullopt;
    }
    std::size_t inside = 0;
    std::size_t rounded = 0;
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        if (r.device[i] > *levels.begin() && r.device[i] < *levels.rbegin()) {
            inside += 1;
            rounded += std::abs(double{r.device[i]} - r.real[i]) <= 0.5 * step + 0.6 * r.step() ? 1 : 0;
        }
    }
    if (inside < 4 || static_cast<double>(rounded) < 0.95 * static_cast<double>(inside)) {
        return std::nullopt;
    }
    return Divergence{
        DivergenceKind::StaleRange,
        fmt::format("numbers lie {:.6g} apart, ours {:.6g}: {:.4g} of our range", step, r.step(),
                    step / r.step()),
        fmt::format("--set '{}::activation.method=manual' with \"activation.range\": [{:.6g}, {:.6g}]",
                    r.op.name, r.params->range().min * step / r.step(),
                    r.params->range().max * step / r.step())};
}

struct Where
{
    std::set<std::int64_t> channels;
    std::size_t count = 0;
    bool onlyBorder = true;
    double most = 0.0; ///< LSB
    bool onGrid = true;
    bool onlySmaller = true;
};

Where differing(const DivergentResult& r)
{
    Where where;
    const Shape steps = rowMajorStrides(r.shape);
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        const double off = (double{r.device[i]} - r.own[i]) / r.step();
        if (std::abs(off) <= kSlack) {
            continue;
        }
        where.count += 1;
        where.most = std::max(where.most, std::abs(off));
        where.onGrid = where.onGrid && std::abs(off - std::round(off)) < kSlack;
        where.onlySmaller = where.onlySmaller && std::abs(r.device[i]) <= std::abs(r.own[i]);
        const auto at = static_cast<std::int64_t>(i);
        const auto along = [&](std::size_t axis) { return at / steps[axis] % r.shape[axis]; };
        if (r.shape.size() > 1) {
            where.channels.insert(along(1));
        }
        bool border = false;
        for (std::size_t axis = 2; axis < r.shape.size(); ++axis) {
            border = border || along(axis) == 0 || along(axis) == r.shape[axis] - 1;
        }
        where.onlyBorder = where.onlyBorder && border;
    }
    return where;
}

Divergence place(const DivergentResult& r)
{
    const Where where = differing(r);
    const std::string share = fmt::format("{} of {} numbers differ, by {:.4g} LSB at most", where.count,
                                          r.device.size(), where.most);
    if (where.most < 1.0 + kSlack && where.onGrid && r.params) {
        return {DivergenceKind::Rounding, share,
                "ties of rounding: try --set rounding=… and requantization=…, or accept 1 LSB"};
    }
    if (where.channels.size() == 1 && r.shape[1] > 1) {
        return {DivergenceKind::Channel, fmt::format("all in channel {}: {}", *where.channels.begin(), share),
                "check weights, scale and bias of that channel on the device"};
    }
    if (where.onlyBorder) {
        return {DivergenceKind::Padding, fmt::format("all at the border: {}", share),
                "the device pads with another code than the input's zero point"};
    }
    if (where.onlySmaller) {
        return {DivergenceKind::SaturatingAccumulator, fmt::format("all nearer to 0 than ours: {}", share),
                fmt::format("try --set '{}::accumulator=s32-pair-saturating'", r.op.name)};
    }
    return {DivergenceKind::Unknown, share, "no known kind keeps its prediction here"};
}

} // namespace

std::string_view nameOf(DivergenceKind kind) { return kDivergenceNames[static_cast<std::size_t>(kind)]; }

double DivergentResult::step() const
{
    if (params) {
        return params->scale[0];
    }
    float most = 0.0F;
    for (const float value : own) {
        most = std::max(most, std::abs(value));
    }
    return std::max(1e-3 * double{most}, 1e-12);
}

bool departs(const DivergentResult& r)
{
    const double slack = kSlack * r.step();
    for (std::size_t i = 0; i < r.device.size(); ++i) {
        if (!(std::abs(r.device[i] - r.own[i]) <= slack)) {
            return true;
        }
    }
    return false;
}

Divergence kindOf(const DivergentResult& r)
{
    for (const auto rule : {order, type, alternative, zeroPoint, scale, bounds, staleRange}) {
        if (const auto found = rule(r)) {
            return *found;
        }
    }
    return place(r);
}

} // namespace core
