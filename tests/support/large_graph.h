#pragma once

#include "core/report/results.h"

#include <cstddef>
#include <memory>

namespace support {

enum class Names
{
    ByBlock, ///< "stage2/block17/conv1"
    Flat ///< "Conv_123": only the types repeat
};

/// A residual network of that many operators in blocks of eight (a shortcut around each), with errors and the
/// graph, but neither statistics nor weights. Every Conv stands for two ONNX nodes.
[[nodiscard]] std::shared_ptr<const core::Results> makeLargeResults(std::size_t operators, Names names);

} // namespace support
