#include "core/network/downstream.h"

namespace core {

std::vector<std::size_t> downstreamOf(const OperatorGraph& graph, OperatorId source)
{
    std::vector<bool> reached(graph.operators.size(), false);
    reached[indexOf(source)] = true;
    std::vector<std::size_t> result;
    for (std::size_t i = indexOf(source); i < graph.operators.size(); ++i) {
        if (!reached[i]) {
            continue;
        }
        if (i != indexOf(source)) {
            result.push_back(i);
        }
        for (const ValueId output : graph.operators[i].outputs) {
            if (output != kNoValue) {
                for (const OperatorId reader : graph.consumersOf[indexOf(output)]) {
                    reached[indexOf(reader)] = true;
                }
            }
        }
    }
    return result;
}

} // namespace core
