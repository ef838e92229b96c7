#include "core/graph/legacy_form.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace core {

namespace {

constexpr int kFirstModern = 7;
constexpr std::array<std::string_view, 10> kBinary{"Add",   "Sub",     "Mul",  "Div", "Pow",
                                                   "Equal", "Greater", "Less", "And", "Or"};

bool isBinary(const Node& node)
{
    return node.type == "Xor" || std::ranges::find(kBinary, node.type) != kBinary.end();
}

[[noreturn]] void refuse(const std::string& reason) { throw Error(ErrorKind::UnsupportedOperator, reason); }

const Shape& knownShape(const std::vector<ValueInfo>& inputs, std::size_t i)
{
    if (i >= inputs.size() || inputs[i].type == DataType::Undefined) {
        refuse("its form before opset 7 needs the shapes of its inputs, which depend on data; convert the "
               "model to "
               "a newer opset");
    }
    return inputs[i].shape;
}

/// b beside the axes of a from `axis` on.
Shape alignedShape(const Shape& a, const Shape& b, std::int64_t axis)
{
    const auto first = static_cast<std::size_t>(normalizedAxis(axis, a.size()));
    if (first + b.size() > a.size()) {
        throw Error(
            ErrorKind::ShapeMismatch,
            fmt::format("operand of {} does not fit {} from axis {} on", toString(b), toString(a), first));
    }
    Shape shape = b;
    shape.insert(shape.end(), a.size() - first - b.size(), 1);
    return shape;
}

void binary(LegacyForm& form, const std::vector<ValueInfo>& inputs)
{
    const bool isAligned = form.node.integer("broadcast", 0) != 0 && form.node.find("axis") != nullptr;
    if (isAligned) {
        const Shape& b = knownShape(inputs, 1);
        const Shape shape = alignedShape(knownShape(inputs, 0), b, form.node.integer("axis", 0));
        if (shape != b) {
            form.reshaped = 1;
            form.shape = shape;
        }
    }
    form.node.attributes.erase("axis");
    form.node.attributes.erase("broadcast");
}

/// One slope for all, or one per channel, which is axis 1.
void prelu(LegacyForm& form, const std::vector<ValueInfo>& inputs)
{
    const std::size_t rank = knownShape(inputs, 0).size();
    const Shape& slope = knownShape(inputs, 1);
    if (slope.size() == 1 && slope[0] != 1 && rank > 2) {
        form.reshaped = 1;
        form.shape = slope;
        form.shape.insert(form.shape.end(), rank - 2, 1);
    }
}

void batchNormalization(LegacyForm& form)
{
    if (form.node.integer("is_test", 0) == 0) {
        refuse("is_test = 0 normalizes by the batch, as in training; export the model for inference");
    }
    if (form.node.integer("spatial", 1) == 0) {
        refuse("statistics per element (spatial = 0) are not supported");
    }
    form.node.attributes.erase("is_test");
    form.node.attributes.erase("spatial");
    form.node.outputs.resize(1);
}

} // namespace

std::optional<LegacyForm> legacyForm(const Node& node, const std::vector<ValueInfo>& inputs)
{
    if (!node.domain.empty() || node.version >= kFirstModern) {
        return std::nullopt;
    }
    LegacyForm form{node, std::nullopt, {}};
    if (isBinary(node)) {
        binary(form, inputs);
    } else if (node.type == "Gemm") {
        form.node.attributes.erase("broadcast");
    } else if (node.type == "PRelu") {
        prelu(form, inputs);
    } else if (node.type == "BatchNormalization") {
        batchNormalization(form);
    } else {
        return std::nullopt;
    }
    form.node.attributes.erase("consumed_inputs");
    form.node.version = kFirstModern;
    return form;
}

} // namespace core
