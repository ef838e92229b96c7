#pragma once

#include "core/session/session.h"
#include "tests/fuzz/subject.h"

#include <memory>

namespace fuzz {

/// The samples in the order of the graph's inputs.
[[nodiscard]] std::vector<core::Tensor> inputsOf(const core::Graph& graph, const io::NamedTensors& sample);

/// A model read from memory and bound to the shapes of the samples; of an already-quantized one the FP32
/// shadow.
struct OurModel
{
    std::shared_ptr<const core::Graph> graph;
    std::shared_ptr<const core::WrittenQuantization> written; ///< null unless it came quantized
    std::shared_ptr<const core::Dataset> data;
};

/// As it stands, Q/DQ among the operators. Throws core::Error.
[[nodiscard]] std::shared_ptr<const core::Graph> boundGraph(const Subject& subject);
/// As every command opens it. Throws core::Error.
[[nodiscard]] OurModel openedModel(const Subject& subject);

[[nodiscard]] std::unique_ptr<core::Session> sessionOf(const OurModel& model, int threads);

} // namespace fuzz
