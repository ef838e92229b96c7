// Products with transposition, scale or activation inside, as graph optimizers write them.
#include "core/graph/expansions/definitions.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace core::expansions {

namespace {

/// The operand as MatMul reads it: batch axes in front. `isBatchInside`: the first of the two last axes is a
/// batch axis moved there, the matrix rows come first.
ValueId operand(Expansion& e, std::size_t i, std::string_view label, bool isTransposed, bool isBatchInside)
{
    const ValueId x = e.required(i, label);
    const std::size_t rank = e.rank(x);
    std::vector<std::int64_t> order(rank);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    if (isBatchInside && rank > 2) { // [M, batch…, K] → [batch…, M, K]
        std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
    }
    if (isTransposed && rank > 1) {
        std::swap(order[rank - 1], order[rank - 2]);
    }
    return std::ranges::is_sorted(order) ? x : e.transpose(label, x, order);
}

void fusedMatMul(Expansion& e)
{
    const auto flag = [&](std::string_view key) { return e.node().integer(key, 0) != 0; };
    const ValueId a = operand(e, 0, "A", flag("transA"), flag("transBatchA"));
    const ValueId b = operand(e, 1, "B", flag("transB"), flag("transBatchB"));
    ValueId product = e.add("product", "MatMul", {a, b});
    if (const float alpha = e.node().real("alpha", 1.0f); alpha != 1.0f) {
        product = e.add("scaled", "Mul", {product, e.scalar("alpha", alpha)});
    }
    e.finish(0, product);
}

/// The activation by its name, with the parameters that the fused operator carries.
ValueId activate(Expansion& e, ValueId x, const std::string& name, const std::vector<float>& params)
{
    const auto param = [&](std::size_t i, float fallback) {
        return i < params.size() ? params[i] : fallback;
    };
    if (name.empty()) {
        return x;
    }
    if (name == "Relu" || name == "Sigmoid" || name == "Tanh" || name == "Softplus" || name == "Softsign") {
        return e.add("activation", name, {x});
    }
    if (name == "LeakyRelu" || name == "Elu" || name == "ThresholdedRelu") {
        return e.add("activation", name, {x}, {{"alpha", param(0, name == "LeakyRelu" ? 0.01f : 1.0f)}});
    }
    if (name == "HardSigmoid") {
        return e.add("activation", name, {x}, {{"alpha", param(0, 0.2f)}, {"beta", param(1, 0.5f)}});
    }
    if (name == "Clip") {
        return e.add("activation", name,
                     {x, e.scalar("low", param(0, 0.0f)), e.scalar("high", param(1, 6.0f))});
    }
    e.refuse(fmt::format("activation '{}' is not known", name));
}

void fusedGemm(Expansion& e)
{
    Expansion::Attributes attributes;
    for (const char* key : {"alpha", "beta"}) {
        attributes[key] = e.node().real(key, 1.0f);
    }
    for (const char* key : {"transA", "transB"}) {
        attributes[key] = e.node().integer(key, 0);
    }
    std::vector<ValueId> inputs{e.required(0, "A"), e.required(1, "B")};
    if (e.has(2)) {
        inputs.push_back(e.input(2));
    }
    const ValueId product = e.add("product", "Gemm", std::move(inputs), std::move(attributes));
    std::vector<float> params;
    for (const char* key : {"activation_alpha", "activation_beta", "activation_gamma"}) {
        if (e.node().find(key)) {
            params.push_back(e.node().real(key, 0.0f));
        }
    }
    e.finish(0, activate(e, product, e.node().text("activation", ""), params));
}

void fusedConv(Expansion& e)
{
    Expansion::Attributes attributes = e.node().attributes;
    attributes.erase("activation");
    attributes.erase("activation_params");
    std::vector<ValueId> inputs{e.required(0, "X"), e.required(1, "W")};
    if (e.has(2)) {
        inputs.push_back(e.input(2));
    }
    ValueId result = e.add("conv", "Conv", std::move(inputs), std::move(attributes));
    if (e.has(3)) {
        result = e.add("sum", "Add", {result, e.input(3)});
    }
    e.finish(0, activate(e, result, e.node().text("activation", ""), e.node().reals("activation_params")));
}

constexpr ExpansionDefinition kProducts[] = {
    {kMicrosoft, "FusedMatMul", fusedMatMul},
    {kMicrosoft, "TransposeMatMul", fusedMatMul},
    {kMicrosoft, "FusedGemm", fusedGemm},
    {kMicrosoft, "FusedConv", fusedConv},
};

} // namespace

std::span<const ExpansionDefinition> products() { return kProducts; }

} // namespace core::expansions
