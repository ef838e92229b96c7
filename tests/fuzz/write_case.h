#pragma once

#include "tests/fuzz/drawn_graph.h"
#include "tests/fuzz/verdict.h"

#include <filesystem>

namespace fuzz {

/// A folder with model.onnx, data.json and one .npy per input, as the command line runs them, and
/// finding.txt.
void writeCase(const std::filesystem::path& folder, const DrawnGraph& graph, const Finding& finding);

/// Only model and data; returns the path of the description.
std::filesystem::path writeData(const std::filesystem::path& folder, const DrawnGraph& graph);

} // namespace fuzz
