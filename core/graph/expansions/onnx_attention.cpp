// Attention of ONNX, opset 23 and 24.
#include "core/graph/expansions/attention_core.h"
#include "core/graph/expansions/definitions.h"

#include <cmath>
#include <fmt/format.h>

namespace core::expansions {

namespace {

/// With the keys or values of earlier steps in front.
ValueId behindPast(Expansion& e, std::string_view label, ValueId past, ValueId present)
{
    return past == kNoValue ? present : e.concat(label, {past, present}, 2);
}

/// The mask as a summand [.., S, T]; a shorter one hides what it does not reach.
ValueId maskOf(Expansion& e, std::int64_t keys)
{
    ValueId mask = e.input(3);
    if (const std::int64_t given = e.length(mask, -1); given < keys) {
        e.refuse(fmt::format("its mask reaches {} of {} keys", given, keys));
    }
    return e.value(mask).type == DataType::Bool ? summandOf(e, "mask", mask, kHidden) : mask;
}

void onnxAttention(Expansion& e)
{
    const Node& node = e.node();
    const auto heads = [&](std::size_t input, std::string_view what, std::string_view key) {
        const ValueId x = e.required(input, what);
        return e.rank(x) == 4 ? x : splitHeads(e, what, x, node.integer(key, 0));
    };
    const bool isFlat = e.rank(e.required(0, "Q")) == 3;
    const ValueId q = heads(0, "Q", "q_num_heads");
    const ValueId k = behindPast(e, "present_key", e.input(4), heads(1, "K", "kv_num_heads"));
    const ValueId v = behindPast(e, "present_value", e.input(5), heads(2, "V", "kv_num_heads"));
    const std::int64_t keys = e.length(k, 2);
    ScoreRule rule;
    rule.scale = node.real("scale", 1.0f / std::sqrt(static_cast<float>(e.length(q, 3))));
    rule.softcap = node.real("softcap", 0.0f);
    rule.isCappedFirst = true;
    if (e.has(3)) {
        rule.masks.push_back(maskOf(e, keys));
    }
    if (e.has(6)) { // how many keys of each sample are no padding
        const ValueId isShown =
            e.reshape("shown", keysBefore(e, e.input(6), keys), {e.length(e.input(6), 0), 1, 1, keys});
        rule.masks.push_back(summandOf(e, "padding", isShown, kHidden));
    }
    if (node.integer("is_causal", 0) != 0) {
        const std::int64_t past = e.has(4) ? e.length(e.input(4), 2) : 0;
        rule.masks.push_back(causalMask(e, e.length(q, 2), keys, past, kHidden));
    }
    const std::int64_t count = e.length(q, 1);
    const Attended result = attend(e, q, repeatHeads(e, "K", k, count), repeatHeads(e, "V", v, count), rule);
    e.finish(0, isFlat ? mergeHeads(e, result.context) : result.context);
    if (e.wants(1)) {
        e.finish(1, k);
    }
    if (e.wants(2)) {
        e.finish(2, v);
    }
    if (e.wants(3)) {
        const std::int64_t mode = node.integer("qk_matmul_output_mode", 0);
        e.finish(3,
                 mode == 0       ? result.scores
                     : mode == 1 ? result.masked
                     : mode == 2 ? result.capped
                                 : result.probabilities);
    }
}

constexpr ExpansionDefinition kOnnxAttentions[] = {{"", "Attention", onnxAttention}};

} // namespace

std::span<const ExpansionDefinition> onnxAttentions() { return kOnnxAttentions; }

} // namespace core::expansions
