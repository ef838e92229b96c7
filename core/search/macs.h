#pragma once

#include "core/measure/prepared_network.h"
#include "core/network/operator_graph.h"

#include <vector>

namespace core {

/// Multiply-accumulates of one execution by OperatorId: convolutions and matrix products; 0 for everything
/// else.
[[nodiscard]] std::vector<double> macsOf(const OperatorGraph& graph);

/// Share (0…1) of the multiply-accumulates that run on integers of at most 8 bits; of the operators that can
/// be integer where there are no multiply-accumulates.
[[nodiscard]] double int8Share(const PreparedNetwork& network, const std::vector<double>& macs);

} // namespace core
