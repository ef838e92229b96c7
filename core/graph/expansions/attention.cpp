// Attentions of com.microsoft: with the projection inside, with projected operands, with shared key heads.
#include "core/graph/expansions/attention_core.h"
#include "core/graph/expansions/definitions.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core::expansions {

namespace {

constexpr float kMaskFilter = -10000.0f;

float scaleOf(Expansion& e, ValueId q)
{
    const float given = e.node().real("scale", 0.0f);
    return given != 0.0f ? given : 1.0f / std::sqrt(static_cast<float>(e.length(q, 3)));
}

/// The summand of a mask: lengths [B] or [B, ends; starts], of keys [B, T], of pairs [B, S, T].
ValueId paddingMask(Expansion& e, ValueId mask, std::int64_t batch, std::int64_t keys)
{
    const float hidden = e.node().real("mask_filter_value", kMaskFilter);
    const Shape shape = e.shape(mask);
    ValueId isShown = mask;
    if (shape.size() == 1 && shape[0] == batch) {
        isShown = e.reshape("shown", keysBefore(e, mask, keys), {batch, 1, 1, keys});
    } else if (shape.size() == 2 && shape[1] == keys) {
        isShown = e.reshape("shown", mask, {shape[0], 1, 1, keys});
    } else if (shape.size() == 3 && shape[2] == keys) {
        isShown = e.reshape("shown", mask, {shape[0], 1, shape[1], keys});
    } else {
        e.refuse(fmt::format("a mask of shape {} is not known", toString(shape)));
    }
    return summandOf(e, "mask", isShown, hidden);
}

/// Keys and values [B, N, T, H] of earlier steps in front; output i is the whole.
ValueId withPast(Expansion& e, std::string_view label, ValueId past, ValueId x, std::size_t output)
{
    const ValueId whole = past == kNoValue ? x : e.concat(label, {past, x}, 2);
    if (e.wants(output)) {
        e.finish(output, whole);
    }
    return whole;
}

/// Input [B, S, D] through weights [D, Dq + Dk + Dv]. Past and present: keys and values stacked.
void projectedAttention(Expansion& e)
{
    const Node& node = e.node();
    const ValueId x = e.required(0, "input");
    if (node.integer("do_rotary", 0) != 0 || e.has(6)) {
        e.refuse("rotary embeddings and shared buffers inside are not known");
    }
    const std::int64_t heads = node.integer("num_heads", 0);
    ValueId projected = e.add("projection", "MatMul", {x, e.required(1, "weights")});
    if (e.has(2)) {
        projected = e.add("projected", "Add", {projected, e.input(2)});
    }
    const std::int64_t third = e.length(projected, -1) / 3;
    const auto sizes = node.integers("qkv_hidden_sizes", {third, third, third});
    if (sizes.size() != 3 || sizes[0] + sizes[1] + sizes[2] != e.length(projected, -1)) {
        e.refuse("its sizes of queries, keys and values are not those of its weights");
    }
    const auto parts = e.addSeveral("split", "Split", {projected, e.integers("sizes", sizes)},
                                    {{"axis", std::int64_t{-1}}}, 3);
    const ValueId q = splitHeads(e, "Q", parts[0], heads);
    ValueId k = splitHeads(e, "K", parts[1], heads);
    ValueId v = splitHeads(e, "V", parts[2], heads);
    std::int64_t past = 0;
    if (e.has(4)) {
        const Shape shape = e.shape(e.input(4)); // [2, B, N, P, H]
        past = shape[3];
        const Shape one(shape.begin() + 1, shape.end());
        const auto earlier = [&](std::string_view label, std::int64_t i) {
            return e.reshape(label, e.slice(fmt::format("{}_of", label), e.input(4), i, i + 1, 0), one);
        };
        k = e.concat("present_key", {earlier("past_key", 0), k}, 2);
        v = e.concat("present_value", {earlier("past_value", 1), v}, 2);
    }
    if (e.wants(1)) {
        Shape stacked = e.shape(k);
        stacked.insert(stacked.begin(), 1);
        e.finish(1,
                 e.concat("present",
                          {e.reshape("key_stacked", k, stacked), e.reshape("value_stacked", v, stacked)}, 0));
    }
    const std::int64_t keys = e.length(k, 2);
    ScoreRule rule;
    rule.scale = scaleOf(e, q);
    if (e.has(3)) {
        rule.masks.push_back(paddingMask(e, e.input(3), e.length(x, 0), keys));
    }
    if (node.integer("unidirectional", 0) != 0) {
        rule.masks.push_back(causalMask(e, e.length(q, 2), keys, past, kHidden));
    }
    if (e.has(5)) {
        rule.masks.push_back(e.input(5));
    }
    e.finish(0, mergeHeads(e, attend(e, q, k, v, rule).context));
}

struct Operands
{
    ValueId q = kNoValue; ///< [B, N, S, H]
    ValueId k = kNoValue; ///< [B, N, T, H]
    ValueId v = kNoValue;
};

/// Operands that come packed: [B, S, N, 3, H], or keys and values [B, T, N, 2, H].
ValueId unpacked(Expansion& e, std::string_view label, ValueId packed, std::int64_t i)
{
    Shape shape = e.shape(packed);
    const ValueId part = e.slice(fmt::format("{}_of", label), packed, i, i + 1, 3);
    return e.transpose(
        label, e.reshape(fmt::format("{}_apart", label), part, {shape[0], shape[1], shape[2], shape[4]}),
        {0, 2, 1, 3});
}

ValueId biased(Expansion& e, std::string_view label, ValueId x, std::int64_t first)
{
    if (!e.has(3)) {
        return x;
    }
    const ValueId bias =
        e.slice(fmt::format("{}_bias", label), e.input(3), first, first + e.length(x, -1), 0);
    return e.add(fmt::format("{}_biased", label), "Add", {x, bias});
}

Operands operandsOf(Expansion& e, std::int64_t heads)
{
    const ValueId query = e.required(0, "query");
    const ValueId key = e.input(1);
    const ValueId value = e.input(2);
    if (key == kNoValue) {
        if (e.rank(query) != 5 || e.has(3)) {
            e.refuse("queries without keys must be packed and without bias");
        }
        return {unpacked(e, "Q", query, 0), unpacked(e, "K", query, 1), unpacked(e, "V", query, 2)};
    }
    const std::int64_t width = e.length(query, -1);
    Operands result;
    result.q = splitHeads(e, "Q", biased(e, "Q", query, 0), heads);
    if (e.rank(key) == 5) {
        result.k = unpacked(e, "K", key, 0);
        result.v = unpacked(e, "V", key, 1);
    } else if (e.rank(key) == 4) { // of another sequence, heads in front
        result.k = key;
        result.v = value;
    } else {
        result.k = splitHeads(e, "K", biased(e, "K", key, width), heads);
        result.v = splitHeads(e, "V", biased(e, "V", value, width + e.length(key, -1)), heads);
    }
    return result;
}

void multiHeadAttention(Expansion& e)
{
    const Node& node = e.node();
    Operands operands = operandsOf(e, node.integer("num_heads", 0));
    const std::int64_t past = e.has(6) ? e.length(e.input(6), 2) : 0;
    operands.k = withPast(e, "present_key", e.input(6), operands.k, 1);
    operands.v = withPast(e, "present_value", e.input(7), operands.v, 2);
    const std::int64_t keys = e.length(operands.k, 2);
    ScoreRule rule;
    rule.scale = scaleOf(e, operands.q);
    if (e.has(4)) {
        rule.masks.push_back(paddingMask(e, e.input(4), e.length(operands.q, 0), keys));
    }
    if (node.integer("unidirectional", 0) != 0) {
        rule.masks.push_back(causalMask(e, e.length(operands.q, 2), keys, past, kHidden));
    }
    if (e.has(5)) {
        rule.masks.push_back(e.input(5));
    }
    const Attended result = attend(e, operands.q, operands.k, operands.v, rule);
    e.finish(0, mergeHeads(e, result.context));
    if (e.wants(3)) {
        e.finish(3, result.scores);
    }
}

/// cos or sin of positions past, past + 1, …, or of those given: [1 or B, 1, S, R/2].
ValueId anglesOf(Expansion& e, std::string_view label, ValueId cache, std::int64_t past, std::int64_t queries)
{
    const std::int64_t half = e.length(cache, 1);
    if (e.has(9)) {
        const ValueId rows =
            e.add(fmt::format("{}_rows", label), "Gather", {cache, e.input(9)}, {{"axis", std::int64_t{0}}});
        return e.reshape(label, rows, {e.length(e.input(9), 0), 1, queries, half});
    }
    return e.reshape(label, e.slice(fmt::format("{}_rows", label), cache, past, past + queries, 0),
                     {1, 1, queries, half});
}

/// One more score a row that takes its share and gives nothing: 0, or one of each head.
ValueId sinkOf(Expansion& e, const Shape& query)
{
    const Shape shape{query[0], query[1], query[2], 1};
    const bool isSmooth = e.node().integer("smooth_softmax", 0) > 0;
    if (!e.has(11) && !isSmooth) {
        return kNoValue;
    }
    const ValueId each =
        e.has(11) ? e.reshape("sink_heads", e.input(11), {1, query[1], 1, 1}) : e.scalar("sink_zero", 0.0f);
    return e.add("sink", "Expand", {each, e.integers("sink_shape", shape)});
}

/// What lies before the queries is `past_key` as a whole, for all samples of a batch. Without it, lengths say
/// no more than the causal mask does: no query within a sample sees what is behind it.
void requireOneLength(const Expansion& e, std::int64_t past, std::int64_t queries)
{
    if (past == 0 || !e.has(5)) {
        return;
    }
    const Value& lengths = e.value(e.input(5));
    if (lengths.constant) {
        for (const std::int64_t length : integersOf(*lengths.constant)) {
            if (length != past + queries - 1) {
                e.refuse(
                    fmt::format("seqlens_k is {}, past_key and the queries make {}: samples of different "
                                "lengths in one batch, or a past that is not full, are not computed; run "
                                "them one by one with a past of their length",
                                length, past + queries - 1));
            }
        }
    } else if (e.length(e.required(0, "query"), 0) > 1) {
        e.refuse(
            "seqlens_k is computed at run time and may differ within the batch, which is not computed with "
            "a past: bind a batch of 1");
    }
}

void groupQueryAttention(Expansion& e)
{
    const Node& node = e.node();
    const std::int64_t heads = node.integer("num_heads", 0);
    const std::int64_t groups = node.integer("kv_num_heads", 0);
    const ValueId query = e.required(0, "query");
    ValueId q = kNoValue;
    ValueId k = kNoValue;
    ValueId v = kNoValue;
    if (e.has(1)) {
        q = splitHeads(e, "Q", query, heads);
        k = splitHeads(e, "K", e.input(1), groups);
        v = splitHeads(e, "V", e.required(2, "value"), groups);
    } else {
        const std::int64_t width = e.length(query, -1) / std::max<std::int64_t>(heads + 2 * groups, 1);
        const auto parts = e.addSeveral(
            "split", "Split", {query, e.integers("sizes", {heads * width, groups * width, groups * width})},
            {{"axis", std::int64_t{-1}}}, 3);
        q = splitHeads(e, "Q", parts[0], heads);
        k = splitHeads(e, "K", parts[1], groups);
        v = splitHeads(e, "V", parts[2], groups);
    }
    const std::int64_t queries = e.length(q, 2);
    const std::int64_t past = e.has(3) ? e.length(e.input(3), 2) : 0;
    requireOneLength(e, past, queries);
    if (node.integer("do_rotary", 0) != 0) {
        const ValueId cache = e.required(7, "cos_cache");
        const Rotation rotation{anglesOf(e, "cos", cache, past, queries),
                                anglesOf(e, "sin", e.required(8, "sin_cache"), past, queries),
                                2 * e.length(cache, 1), node.integer("rotary_interleaved", 0) != 0};
        q = rotate(e, "Q", q, rotation);
        k = rotate(e, "K", k, rotation);
    }
    k = withPast(e, "present_key", past > 0 ? e.input(3) : kNoValue, k, 1);
    v = withPast(e, "present_value", past > 0 ? e.input(4) : kNoValue, v, 2);
    ScoreRule rule;
    rule.scale = scaleOf(e, q);
    rule.softcap = node.real("softcap", 0.0f);
    rule.isCappedFirst = true;
    rule.masks.push_back(causalMask(e, queries, e.length(k, 2), past, kHidden,
                                    std::max<std::int64_t>(node.integer("local_window_size", -1), 0)));
    if (e.has(10)) {
        rule.masks.push_back(e.input(10));
    }
    rule.sink = sinkOf(e, e.shape(q));
    const Attended result = attend(e, q, repeatHeads(e, "K", k, heads), repeatHeads(e, "V", v, heads), rule);
    e.finish(0, mergeHeads(e, result.context));
}

constexpr ExpansionDefinition kAttentions[] = {
    {kMicrosoft, "Attention", projectedAttention},
    {kMicrosoft, "MultiHeadAttention", multiHeadAttention},
    {kMicrosoft, "GroupQueryAttention", groupQueryAttention},
};

} // namespace

std::span<const ExpansionDefinition> attentions() { return kAttentions; }

} // namespace core::expansions
