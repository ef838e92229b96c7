#include "core/graph/expansion.h"

#include "core/base/error.h"
#include "core/graph/expansions/definitions.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

namespace {

constexpr int kPrimitiveVersion = 17; // ai.onnx opset whose forms expansions are written in
constexpr int kGeluVersion = 20; // later operators that they use
constexpr int kRmsNormalizationVersion = 23;

int versionOf(std::string_view type)
{
    return type == "Gelu"            ? kGeluVersion
        : type == "RMSNormalization" ? kRmsNormalizationVersion
                                     : kPrimitiveVersion;
}

} // namespace

void Expansion::refuse(const std::string& why) const { throw Error(ErrorKind::UnsupportedOperator, why); }

ValueId Expansion::required(std::size_t i, std::string_view what) const
{
    if (!has(i)) {
        throw Error(ErrorKind::InvalidModel, fmt::format("needs input {} ({})", i, what));
    }
    return input(i);
}

const Shape& Expansion::shape(ValueId id) const
{
    const Value& found = value(id);
    if (!found.hasShape || !isStatic(found.shape)) {
        refuse(fmt::format("the shape of '{}' depends on data", found.name));
    }
    return found.shape;
}

std::int64_t Expansion::length(ValueId id, std::int64_t axis) const
{
    const Shape& all = shape(id);
    return all[static_cast<std::size_t>(normalizedAxis(axis, all.size()))];
}

ValueId Expansion::add(std::string_view label, std::string_view type, std::vector<ValueId> inputs,
                       Attributes attributes)
{
    return addSeveral(label, type, std::move(inputs), std::move(attributes), 1)[0];
}

std::vector<ValueId> Expansion::addSeveral(std::string_view label, std::string_view type,
                                           std::vector<ValueId> inputs, Attributes attributes,
                                           std::size_t outputs)
{
    Node made;
    made.type = type;
    made.version = versionOf(type);
    made.inputs = std::move(inputs);
    made.attributes = std::move(attributes);
    return place(label, std::move(made), outputs);
}

ValueId Expansion::scalar(std::string_view label, float number)
{
    return constant(label, makeTensor<float>({}, std::span(&number, 1)));
}

ValueId Expansion::integers(std::string_view label, const std::vector<std::int64_t>& numbers)
{
    return constant(label, makeTensor<std::int64_t>({std::ssize(numbers)}, numbers));
}

ValueId Expansion::reshape(std::string_view label, ValueId x, const Shape& to)
{
    return add(label, "Reshape", {x, integers(fmt::format("{}_shape", label), to)});
}

ValueId Expansion::transpose(std::string_view label, ValueId x, std::vector<std::int64_t> permutation)
{
    return add(label, "Transpose", {x}, {{"perm", std::move(permutation)}});
}

ValueId Expansion::slice(std::string_view label, ValueId x, std::int64_t first, std::int64_t last,
                         std::int64_t axis)
{
    const auto part = [&](std::string_view name, std::int64_t number) {
        return integers(fmt::format("{}_{}", label, name), {number});
    };
    return add(label, "Slice", {x, part("starts", first), part("ends", last), part("axes", axis)});
}

ValueId Expansion::concat(std::string_view label, std::vector<ValueId> parts, std::int64_t axis)
{
    return add(label, "Concat", std::move(parts), {{"axis", axis}});
}

std::vector<ExpansionDefinition> allExpansions()
{
    using namespace expansions;
    std::vector<ExpansionDefinition> all;
    for (const auto part :
         {normalizations(), activations(), products(), rotaryEmbeddings(), attentions(), onnxAttentions()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

const ExpansionDefinition* findExpansion(std::string_view domain, std::string_view type)
{
    static const std::vector<ExpansionDefinition> all = allExpansions();
    const auto it = std::ranges::find_if(all, [&](const ExpansionDefinition& definition) {
        return definition.domain == domain && definition.type == type;
    });
    return it == all.end() ? nullptr : &*it;
}

} // namespace core
