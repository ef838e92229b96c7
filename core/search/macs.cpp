#include "core/search/macs.h"

#include "core/graph/operator_traits.h"

#include <algorithm>
#include <numeric>

namespace core {

namespace {

const Shape& shapeOf(const OperatorGraph& graph, const Operator& op, std::size_t input)
{
    return op.constants[input] ? op.constants[input]->shape() : graph.value(op.inputs[input]).shape;
}

double macsOf(const OperatorGraph& graph, const Operator& op)
{
    if (op.inputs.size() < 2 || op.inputs[1] == kNoValue) {
        return 0.0;
    }
    return core::macsOf(op.node, shapeOf(graph, op, 0), shapeOf(graph, op, 1),
                        graph.value(op.result()).shape);
}

bool isInt8(const ResolvedOperator& op)
{
    return op.kind != QuantizedKind::None && op.effective.isInteger() && op.effective.bits <= 8;
}

} // namespace

std::vector<double> macsOf(const OperatorGraph& graph)
{
    std::vector<double> macs;
    for (const Operator& op : graph.operators) {
        macs.push_back(op.type == "Input" ? 0.0 : macsOf(graph, op));
    }
    return macs;
}

double int8Share(const PreparedNetwork& network, const std::vector<double>& macs)
{
    const double total = std::accumulate(macs.begin(), macs.end(), 0.0);
    double integer = 0.0;
    double operators = 0.0;
    for (std::size_t i = 0; i < macs.size(); ++i) {
        const bool can =
            quantizedFormOf(network.graph(), network.graph().operators[i]).kind != QuantizedKind::None;
        const double weight = total > 0.0 ? macs[i] : (can ? 1.0 : 0.0);
        operators += weight;
        integer += isInt8(network.plan.operators[i]) ? weight : 0.0;
    }
    return operators > 0.0 ? integer / operators : 0.0;
}

} // namespace core
