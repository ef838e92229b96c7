#include "io/exports/encoding_table.h"

#include <algorithm>
#include <cmath>

namespace io {

namespace {

const TensorEncoding* find(const std::vector<TensorEncoding>& tensors, std::string_view name)
{
    const auto it = std::ranges::find(tensors, name, &TensorEncoding::tensor);
    return it == tensors.end() ? nullptr : &*it;
}

std::string weightName(const core::OperatorGraph& graph, const core::Operator& op, std::size_t i)
{
    const core::ValueId id = op.inputs[i];
    return id == core::kNoValue ? op.name + "_weight" : graph.value(id).name;
}

} // namespace

const TensorEncoding* EncodingTable::activation(std::string_view tensor) const
{
    return find(activations, tensor);
}

const TensorEncoding* EncodingTable::weight(std::string_view tensor) const { return find(weights, tensor); }

const OperatorEncoding* EncodingTable::op(std::string_view name) const
{
    const auto it = std::ranges::find(operators, name, &OperatorEncoding::name);
    return it == operators.end() ? nullptr : &*it;
}

EncodingTable encodingTable(const core::OperatorGraph& graph, const core::ResolvedPlan& resolved)
{
    EncodingTable table;
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const core::Operator& op = graph.operators[i];
        const core::ResolvedOperator& r = resolved.operators[i];
        const bool isFloat = r.kind == core::QuantizedKind::None;
        if (op.type != "Input") {
            table.operators.push_back({op.name, op.type, graph.value(op.result()).name, isFloat, r.reason,
                                       r.inherits, op.nodeNames});
        }
        if (r.weights) {
            const std::size_t operand = op.constants[1] ? 1 : 0;
            const core::ValueId id = op.inputs[operand];
            const bool folded = id == core::kNoValue || !graph.value(id).constant
                || graph.value(id).constant->data() != op.constants[operand]->data();
            table.weights.push_back(
                {weightName(graph, op, operand), op.name, r.weights->params, r.weights->method, folded});
        }
        for (const core::ValueId id : op.outputs) {
            if (id == core::kNoValue || !resolved.values[core::indexOf(id)]) {
                continue;
            }
            const auto& readers = graph.consumersOf[core::indexOf(id)];
            const bool exists =
                r.writesCodes || std::ranges::any_of(readers, [&](core::OperatorId reader) {
                    return resolved.operators[core::indexOf(reader)].kind != core::QuantizedKind::None;
                });
            if (exists) {
                const core::ResolvedValue& value = *resolved.values[core::indexOf(id)];
                table.activations.push_back(
                    {graph.value(id).name, op.name, value.params, core::toString(value.method), false});
            }
        }
    }
    return table;
}

double largestMagnitude(const core::QuantizationParams& params)
{
    if (isSymmetric(params)) { // −2^(bits−1) has no partner: the scale is what is kept
        return static_cast<double>(*std::ranges::max_element(params.scale)) * ((1 << (params.bits - 1)) - 1);
    }
    double largest = 0.0;
    for (std::size_t c = 0; c < params.scale.size(); ++c) {
        const core::Range range = params.range(c);
        largest = std::max({largest, std::fabs(range.min), std::fabs(range.max)});
    }
    return largest;
}

bool isSymmetric(const core::QuantizationParams& params)
{
    return params.codes.lowest < 0
        && std::ranges::all_of(params.zeroPoint, [](std::int32_t zeroPoint) { return zeroPoint == 0; });
}

core::QuantizationParams symmetricParams(double magnitude, int bits)
{
    return core::chooseActivationParams({-magnitude, magnitude}, core::Scheme::Symmetric, bits);
}

} // namespace io
