#include "core/graph/expansions/attention_core.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::expansions {

Attended attend(Expansion& e, ValueId q, ValueId k, ValueId v, const ScoreRule& rule)
{
    Attended result;
    const ValueId scores = e.add("scores", "MatMul", {q, e.transpose("keys", k, {0, 1, 3, 2})});
    result.scores =
        rule.scale == 1.0f ? scores : e.add("scaled", "Mul", {scores, e.scalar("scale", rule.scale)});
    ValueId at = result.scores;
    const auto cap = [&] {
        if (rule.softcap > 0) {
            const ValueId limit = e.scalar("softcap", rule.softcap);
            at = e.add("capped", "Mul",
                       {e.add("cap", "Tanh", {e.add("uncapped", "Div", {at, limit})}), limit});
        }
        result.capped = at;
    };
    if (rule.isCappedFirst) {
        cap();
    }
    for (const ValueId mask : rule.masks) {
        at = e.add("masked", "Add", {at, mask});
    }
    result.masked = at;
    if (!rule.isCappedFirst) {
        cap();
    }
    const Expansion::Attributes last{{"axis", std::int64_t{-1}}};
    if (rule.sink == kNoValue) {
        result.probabilities = e.add("softmax", "Softmax", {at}, last);
    } else {
        const ValueId with = e.add("softmax", "Softmax", {e.concat("with_sink", {at, rule.sink}, -1)}, last);
        result.probabilities = e.slice("without_sink", with, 0, e.length(at, -1), -1);
    }
    result.context = e.add("context", "MatMul", {result.probabilities, v});
    return result;
}

ValueId splitHeads(Expansion& e, std::string_view label, ValueId x, std::int64_t heads)
{
    const std::int64_t width = e.length(x, -1);
    if (heads < 1 || width % heads != 0) {
        e.refuse(fmt::format("{} elements are not {} heads", width, heads));
    }
    const ValueId apart =
        e.reshape(fmt::format("{}_apart", label), x, {e.length(x, 0), e.length(x, 1), heads, width / heads});
    return e.transpose(fmt::format("{}_heads", label), apart, {0, 2, 1, 3});
}

ValueId mergeHeads(Expansion& e, ValueId x)
{
    const Shape shape = e.shape(x);
    const ValueId apart = e.transpose("context_apart", x, {0, 2, 1, 3});
    return e.reshape("merged", apart, {shape[0], shape[2], shape[1] * shape[3]});
}

ValueId repeatHeads(Expansion& e, std::string_view label, ValueId x, std::int64_t heads)
{
    const std::int64_t groups = e.length(x, 1);
    if (groups == heads) {
        return x;
    }
    if (groups < 1 || heads % groups != 0) {
        e.refuse(fmt::format("{} heads of queries do not share {} heads of keys", heads, groups));
    }
    std::vector<std::int64_t> of(static_cast<std::size_t>(heads));
    for (std::int64_t n = 0; n < heads; ++n) {
        of[static_cast<std::size_t>(n)] = n / (heads / groups);
    }
    return e.add(fmt::format("{}_shared", label), "Gather",
                 {x, e.integers(fmt::format("{}_groups", label), of)}, {{"axis", std::int64_t{1}}});
}

ValueId causalMask(Expansion& e, std::int64_t queries, std::int64_t keys, std::int64_t past, float hidden,
                   std::int64_t window)
{
    std::vector<float> values(static_cast<std::size_t>(queries * keys), 0.0f);
    for (std::int64_t i = 0; i < queries; ++i) {
        for (std::int64_t j = 0; j < keys; ++j) {
            const std::int64_t back = i + past - j;
            if (back < 0 || (window > 0 && back >= window)) {
                values[static_cast<std::size_t>(i * keys + j)] = hidden;
            }
        }
    }
    return e.constant("causal", makeTensor<float>({queries, keys}, values));
}

ValueId summandOf(Expansion& e, std::string_view label, ValueId mask, float hidden)
{
    constexpr std::int64_t kBool = 9; // onnx::TensorProto
    const ValueId isShown = e.value(mask).type == DataType::Bool
        ? mask
        : e.add(fmt::format("{}_shown", label), "Cast", {mask}, {{"to", kBool}});
    return e.add(fmt::format("{}_summand", label), "Where",
                 {isShown, e.scalar(fmt::format("{}_zero", label), 0.0f),
                  e.scalar(fmt::format("{}_hidden", label), hidden)});
}

ValueId keysBefore(Expansion& e, ValueId lengths, std::int64_t keys)
{
    constexpr std::int64_t kInt64 = 7;
    std::vector<std::int64_t> positions(static_cast<std::size_t>(keys));
    for (std::int64_t t = 0; t < keys; ++t) {
        positions[static_cast<std::size_t>(t)] = t;
    }
    const ValueId wide = e.add("lengths", "Cast", {lengths}, {{"to", kInt64}});
    const ValueId column = e.reshape("lengths_column", wide, {e.length(lengths, 0), 1});
    const ValueId isBefore = e.add("is_before", "Less", {e.integers("positions", positions), column});
    return isBefore;
}

ValueId rotate(Expansion& e, std::string_view label, ValueId x, const Rotation& rotation)
{
    const auto named = [&](std::string_view part) { return fmt::format("{}_{}", label, part); };
    const std::int64_t width = e.length(x, -1);
    const std::int64_t turned = rotation.dimensions;
    if (turned < 2 || turned > width || turned % 2 != 0) {
        e.refuse(fmt::format("{} of {} elements cannot turn in pairs", turned, width));
    }
    const ValueId part = turned == width ? x : e.slice(named("turned"), x, 0, turned, -1);
    Shape half = e.shape(part);
    half.back() = turned / 2;
    ValueId first = kNoValue;
    ValueId second = kNoValue;
    Shape pairs = half;
    pairs.push_back(2);
    Shape single = half;
    single.push_back(1);
    if (rotation.isInterleaved) {
        const ValueId apart = e.reshape(named("pairs"), part, pairs);
        first = e.reshape(named("first"), e.slice(named("first_of"), apart, 0, 1, -1), half);
        second = e.reshape(named("second"), e.slice(named("second_of"), apart, 1, 2, -1), half);
    } else {
        first = e.slice(named("first"), part, 0, turned / 2, -1);
        second = e.slice(named("second"), part, turned / 2, turned, -1);
    }
    const auto times = [&](std::string_view name, ValueId a, ValueId b) {
        return e.add(named(name), "Mul", {a, b});
    };
    const ValueId real =
        e.add(named("real"), "Sub",
              {times("first_cos", first, rotation.cos), times("second_sin", second, rotation.sin)});
    const ValueId imaginary =
        e.add(named("imaginary"), "Add",
              {times("second_cos", second, rotation.cos), times("first_sin", first, rotation.sin)});
    ValueId result = kNoValue;
    if (rotation.isInterleaved) {
        const ValueId joined = e.concat(named("joined"),
                                        {e.reshape(named("real_apart"), real, single),
                                         e.reshape(named("imaginary_apart"), imaginary, single)},
                                        -1);
        Shape whole = half;
        whole.back() = turned;
        result = e.reshape(named("rotated"), joined, whole);
    } else {
        result = e.concat(named("rotated"), {real, imaginary}, -1);
    }
    return turned == width
        ? result
        : e.concat(named("whole"), {result, e.slice(named("rest"), x, turned, width, -1)}, -1);
}

} // namespace core::expansions
