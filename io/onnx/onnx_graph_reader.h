#pragma once

#include "core/graph/graph.h"

#include <filesystem>
#include <map>
#include <string>

namespace onnx {
class GraphProto;
}

namespace io {

/// The graph of a model whose domains have those opsets, with the bodies of If, Loop and Scan. `folder`:
/// where external data lies; empty: nowhere. Throws core::Error naming the value or node that is wrong.
[[nodiscard]] core::Graph graphOfProto(const onnx::GraphProto& proto,
                                       const std::map<std::string, int>& opsets,
                                       const std::filesystem::path& folder);

/// "ai.onnx" is the same as no domain.
[[nodiscard]] std::string normalizedDomain(const std::string& domain);

} // namespace io
