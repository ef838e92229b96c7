#pragma once

#include "core/device/device_tensor.h"
#include "core/network/operator_graph.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace core {

/// Which foreign tensor is which operator's result.
struct DeviceMatches
{
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> tensorOf; ///< (sample, operator) → tensor
    std::vector<std::size_t> unmatched; ///< tensors
    bool byOrder = false; ///< no name fits: by count of numbers, in order of execution
};

/// By name of the value, of the operator or of a node that it stands for; then the same with what is no
/// letter or digit as `_`. Of two that name one operator the value's name wins.
[[nodiscard]] DeviceMatches matchTensors(const OperatorGraph& graph, std::span<const DeviceTensor> tensors);

} // namespace core
