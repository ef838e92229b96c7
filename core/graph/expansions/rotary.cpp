// Rotary position embeddings: of ONNX (opset 23) and of com.microsoft.
#include "core/graph/expansions/attention_core.h"
#include "core/graph/expansions/definitions.h"

#include <fmt/format.h>

namespace core::expansions {

namespace {

/// cos or sin for x: [B, 1, S, R/2] before heads in front, [B, S, 1, R/2] before heads behind.
ValueId besideHeads(Expansion& e, std::string_view label, ValueId angles, bool areHeadsInFront)
{
    const Shape shape = e.shape(angles);
    return areHeadsInFront ? e.reshape(label, angles, {shape[0], 1, shape[1], shape[2]})
                           : e.reshape(label, angles, {shape[0], shape[1], 1, shape[2]});
}

void embed(Expansion& e, ValueId x, ValueId cos, ValueId sin)
{
    const bool areHeadsInFront = e.rank(x) == 4;
    const std::int64_t dimensions = e.node().integer("rotary_embedding_dim", 0);
    const std::int64_t turned = dimensions > 0 ? dimensions : 2 * e.length(cos, -1);
    const Shape shape = e.shape(x);
    ValueId apart = x;
    if (!areHeadsInFront) {
        if (shape.size() != 3) {
            e.refuse(fmt::format("an input of rank {} is not known", shape.size()));
        }
        const std::int64_t given = e.node().integer("num_heads", 0);
        const std::int64_t heads = given > 0 ? given : shape[2] / turned;
        if (heads < 1 || shape[2] % heads != 0) {
            e.refuse(fmt::format("{} elements are not {} heads", shape[2], heads));
        }
        apart = e.reshape("apart", x, {shape[0], shape[1], heads, shape[2] / heads});
    }
    const Rotation rotation{besideHeads(e, "cos", cos, areHeadsInFront),
                            besideHeads(e, "sin", sin, areHeadsInFront), turned,
                            e.node().integer("interleaved", 0) != 0};
    const ValueId turnedHeads = rotate(e, "x", apart, rotation);
    e.finish(0, areHeadsInFront ? turnedHeads : e.reshape("merged", turnedHeads, shape));
}

/// Rows of a cache [positions, R/2] for positions [B, S], or [1]: the first of S that follow each other.
ValueId rowsOf(Expansion& e, std::string_view label, ValueId cache, ValueId positions, std::int64_t queries)
{
    ValueId rows = positions;
    if (e.rank(positions) < 2) {
        std::vector<std::int64_t> steps(static_cast<std::size_t>(queries));
        for (std::int64_t s = 0; s < queries; ++s) {
            steps[static_cast<std::size_t>(s)] = s;
        }
        const ValueId each = e.reshape(fmt::format("{}_each", label),
                                       e.integers(fmt::format("{}_steps", label), steps), {1, queries});
        rows = e.add(fmt::format("{}_positions", label), "Add", {each, positions});
    }
    return e.add(label, "Gather", {cache, rows}, {{"axis", std::int64_t{0}}});
}

std::int64_t queriesOf(Expansion& e, ValueId x) { return e.length(x, e.rank(x) == 4 ? 2 : 1); }

void microsoftRotary(Expansion& e)
{
    const ValueId x = e.required(0, "input");
    if (e.node().integer("is_packed_batching", 0) != 0) {
        e.refuse("packed batches are not known");
    }
    const ValueId positions = e.required(1, "position_ids");
    const std::int64_t queries = queriesOf(e, x);
    embed(e, x, rowsOf(e, "cos_rows", e.required(2, "cos_cache"), positions, queries),
          rowsOf(e, "sin_rows", e.required(3, "sin_cache"), positions, queries));
}

void onnxRotary(Expansion& e)
{
    const ValueId x = e.required(0, "X");
    const ValueId cos = e.required(1, "cos_cache");
    const ValueId sin = e.required(2, "sin_cache");
    if (!e.has(3)) { // one row for each position of the batch
        embed(e, x, cos, sin);
        return;
    }
    const std::int64_t queries = queriesOf(e, x);
    embed(e, x, rowsOf(e, "cos_rows", cos, e.input(3), queries),
          rowsOf(e, "sin_rows", sin, e.input(3), queries));
}

constexpr ExpansionDefinition kRotaryEmbeddings[] = {
    {"", "RotaryEmbedding", onnxRotary},
    {kMicrosoft, "RotaryEmbedding", microsoftRotary},
};

} // namespace

std::span<const ExpansionDefinition> rotaryEmbeddings() { return kRotaryEmbeddings; }

} // namespace core::expansions
