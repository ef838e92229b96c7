// Forms of Gelu with a bias of their own, and its cheap relatives.
#include "core/graph/expansions/definitions.h"

namespace core::expansions {

namespace {

constexpr float kQuickGeluAlpha = 1.702f;

ValueId biased(Expansion& e)
{
    return e.has(1) ? e.add("biased", "Add", {e.required(0, "X"), e.input(1)}) : e.required(0, "X");
}

void biasGelu(Expansion& e)
{
    e.finish(0, e.add("gelu", "Gelu", {biased(e)}, {{"approximate", std::string("none")}}));
}

void fastGelu(Expansion& e)
{
    e.finish(0, e.add("gelu", "Gelu", {biased(e)}, {{"approximate", std::string("tanh")}}));
}

/// x · σ(α·x)
void quickGelu(Expansion& e)
{
    const ValueId x = e.required(0, "X");
    const ValueId scaled =
        e.add("scaled", "Mul", {x, e.scalar("alpha", e.node().real("alpha", kQuickGeluAlpha))});
    e.finish(0, e.add("gelu", "Mul", {x, e.add("gate", "Sigmoid", {scaled})}));
}

/// Halves of the last axis of x + b: first · σ(second), as BiasSplitGelu has it with Gelu.
void biasSplitGelu(Expansion& e)
{
    const ValueId x = e.add("biased", "Add", {e.required(0, "X"), e.required(1, "bias")});
    const std::int64_t half = e.length(x, -1) / 2;
    const ValueId left = e.slice("left", x, 0, half, -1);
    const ValueId right = e.slice("right", x, half, 2 * half, -1);
    e.finish(0,
             e.add("gated", "Mul",
                   {left, e.add("gelu", "Gelu", {right}, {{"approximate", std::string("none")}})}));
}

void biasAdd(Expansion& e)
{
    const ValueId x = e.add("biased", "Add", {e.required(0, "X"), e.required(1, "bias")});
    e.finish(0, e.add("sum", "Add", {x, e.required(2, "skip")}));
}

constexpr ExpansionDefinition kActivations[] = {
    {kMicrosoft, "BiasGelu", biasGelu},   {kMicrosoft, "FastGelu", fastGelu},
    {kMicrosoft, "QuickGelu", quickGelu}, {kMicrosoft, "BiasSplitGelu", biasSplitGelu},
    {kMicrosoft, "BiasAdd", biasAdd},
};

} // namespace

std::span<const ExpansionDefinition> activations() { return kActivations; }

} // namespace core::expansions
