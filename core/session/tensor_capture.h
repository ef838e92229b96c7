#pragma once

#include "core/measure/prepared_network.h"
#include "core/network/operator_graph.h"
#include "core/session/session.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace core {

/// Results of operators in both pipelines by (sample, operator name), row-major.
using CapturedTensors = std::map<std::pair<std::size_t, std::string>, SampleTensors>;

/// Bytes of what captureTensors() returns for so many samples: two float32 numbers per element.
[[nodiscard]] std::uint64_t capturedBytes(const OperatorGraph& graph, std::size_t samples);

/// What every operator with a float32 result writes for the first `samples` of the data: one FP32 and one
/// quantized pass, states fed back. None when stopped.
[[nodiscard]] std::optional<CapturedTensors> captureTensors(const PreparedNetwork& network,
                                                            const Dataset& data, std::size_t samples,
                                                            const std::stop_token& stop);

} // namespace core
