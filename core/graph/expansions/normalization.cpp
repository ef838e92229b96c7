// Normalizations that runtimes fuse with the residual sum in front of them, or with embeddings.
#include "core/graph/expansions/definitions.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <vector>

namespace core::expansions {

namespace {

constexpr float kEpsilon = 1e-12f; // of com.microsoft's forms
constexpr float kRmsEpsilon = 1e-5f;

/// LayerNormalization over the last axis: y, mean, 1/σ as far as they are wanted.
void layerNormalize(Expansion& e, ValueId x, ValueId gamma, ValueId beta, std::size_t meanOutput)
{
    std::vector<ValueId> inputs{x, gamma};
    if (beta != kNoValue) {
        inputs.push_back(beta);
    }
    const bool hasStatistics = meanOutput > 0 && (e.wants(meanOutput) || e.wants(meanOutput + 1));
    const auto results = e.addSeveral(
        "norm", "LayerNormalization", std::move(inputs),
        {{"axis", std::int64_t{-1}}, {"epsilon", e.node().real("epsilon", kEpsilon)}}, hasStatistics ? 3 : 1);
    e.finish(0, results[0]);
    for (std::size_t i = 1; i < results.size(); ++i) {
        e.finish(meanOutput + i - 1, results[i]);
    }
}

/// x / √(mean(x²) + ε) · γ over the last axes. Where 1/σ is wanted, too, it is written out.
void rmsNormalize(Expansion& e, ValueId x, ValueId gamma, float epsilon, std::size_t inverseOutput)
{
    const std::int64_t axis = normalizedAxis(e.node().integer("axis", -1), e.rank(x));
    e.finish(0, e.add("norm", "RMSNormalization", {x, gamma}, {{"axis", axis}, {"epsilon", epsilon}}));
    if (e.wants(inverseOutput)) {
        std::vector<std::int64_t> axes;
        for (std::int64_t a = axis; a < std::ssize(e.shape(x)); ++a) {
            axes.push_back(a);
        }
        const ValueId squares = e.add("squares", "Mul", {x, x});
        const ValueId mean = e.add("mean_square", "ReduceMean", {squares}, {{"axes", axes}});
        const ValueId shifted = e.add("shifted", "Add", {mean, e.scalar("epsilon", epsilon)});
        e.finish(inverseOutput, e.add("inverse", "Reciprocal", {e.add("root", "Sqrt", {shifted})}));
    }
}

/// input + skip (+ bias), also the fourth output.
ValueId residual(Expansion& e, std::size_t biasInput)
{
    ValueId sum = e.add("residual", "Add", {e.required(0, "input"), e.required(1, "skip")});
    if (e.has(biasInput)) {
        sum = e.add("biased", "Add", {sum, e.input(biasInput)});
    }
    if (e.wants(3)) {
        e.finish(3, sum);
    }
    return sum;
}

void skipLayerNormalization(Expansion& e)
{
    const ValueId sum = residual(e, 4);
    layerNormalize(e, sum, e.required(2, "gamma"), e.input(3), 1);
}

void skipRmsNormalization(Expansion& e)
{
    const ValueId sum = residual(e, 3);
    if (e.wants(1)) {
        e.refuse("its second output has no meaning");
    }
    rmsNormalize(e, sum, e.required(2, "gamma"), e.node().real("epsilon", kEpsilon), 2);
}

void simplifiedLayerNormalization(Expansion& e)
{
    rmsNormalize(e, e.required(0, "X"), e.required(1, "scale"), e.node().real("epsilon", kRmsEpsilon), 1);
}

/// Words, positions and segments summed and normalized; the mask counted.
void embedLayerNormalization(Expansion& e)
{
    const ValueId ids = e.required(0, "input_ids");
    const ValueId positions = e.required(3, "position_embedding");
    const auto gather = [&](std::string_view label, ValueId table, ValueId rows) {
        return e.add(label, "Gather", {table, rows}, {{"axis", std::int64_t{0}}});
    };
    ValueId sum = gather("words", e.required(2, "word_embedding"), ids);
    const ValueId places = e.has(8) ? gather("positions", positions, e.input(8))
                                    : e.slice("positions", positions, 0, e.length(ids, 1), 0);
    sum = e.add("words_positions", "Add", {sum, places});
    if (e.has(1) && e.has(4)) {
        sum = e.add("embedding", "Add", {sum, gather("segments", e.input(4), e.input(1))});
    }
    layerNormalize(e, sum, e.required(5, "gamma"), e.required(6, "beta"), 0);
    if (e.wants(1)) {
        const std::int64_t batch = e.length(ids, 0);
        if (e.has(7)) { // how many positions count
            e.finish(1,
                     e.add("mask_index", "ReduceSum", {e.input(7), e.integers("mask_axes", {1})},
                           {{"keepdims", std::int64_t{0}}}));
        } else {
            const std::vector<std::int32_t> zeros(static_cast<std::size_t>(batch), 0);
            e.finish(1, e.constant("mask_index", makeTensor<std::int32_t>({batch}, zeros)));
        }
    }
    if (e.wants(2)) {
        e.finish(2, sum);
    }
}

constexpr ExpansionDefinition kNormalizations[] = {
    {kMicrosoft, "SkipLayerNormalization", skipLayerNormalization},
    {kMicrosoft, "SkipSimplifiedLayerNormalization", skipRmsNormalization},
    {kMicrosoft, "SimplifiedLayerNormalization", simplifiedLayerNormalization},
    {"", "SimplifiedLayerNormalization", simplifiedLayerNormalization}, // as exporters write it
    {kMicrosoft, "EmbedLayerNormalization", embedLayerNormalization},
};

} // namespace

std::span<const ExpansionDefinition> normalizations() { return kNormalizations; }

} // namespace core::expansions
