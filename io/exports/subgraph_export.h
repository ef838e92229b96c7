#pragma once

#include "core/search/bisection.h"
#include "core/sensitivity/output_probe.h"

#include <filesystem>
#include <string>

namespace io {

/// The nodes of those operators as a model of its own: opset of the source, shapes as they are bound,
/// constants inside; its inputs and its output bear the names that they have in the network.
[[nodiscard]] std::string subgraphModel(const core::OperatorGraph& graph, const core::FailingSubgraph& part);

/// What a bug report needs, in a folder that is made when missing: subgraph.onnx, input_0.npy… (FP32 values
/// of the network, samples along the first axis), fp32.npy and quantized.npy (the output of either form),
/// data.json and plan.json, with which `run` and `export` give the error again. Throws core::Error(Io), or
/// Usage for a plan that equalizes operators: their values are not those of the model's nodes.
void writeFailingSubgraph(const std::filesystem::path& folder, const core::OutputProbe& probe,
                          const core::FailingSubgraph& part);

} // namespace io
