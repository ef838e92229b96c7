#pragma once

#include "core/network/operator_graph.h"
#include "core/tensor/dataset.h"

#include <cstddef>
#include <functional>
#include <stop_token>
#include <vector>

namespace core {

/// A fed-back state as the operator graph has it.
struct StateLink
{
    std::size_t input = 0; ///< position in Graph::inputs and Sample::inputs
    ValueId output = kNoValue; ///< the graph output that the next step reads
    OperatorId inputOperator{}; ///< of type Input
};

/// Of a network without states.
inline const std::vector<StateLink> kNoStates;

/// The bindings whose input the graph still has. Throws core::Error(ShapeMismatch) when an output does not
/// fit the input it is fed back to.
[[nodiscard]] std::vector<StateLink> stateLinks(const OperatorGraph& graph,
                                                const std::vector<StateBinding>& bindings);

/// States that the step before wrote, by StateLink, as float row-major tensors; empty at the start of a
/// sequence.
struct Feedback
{
    std::vector<Tensor> fp32;
    std::vector<Tensor> quantized;
    std::vector<std::vector<Tensor>> alone; ///< by OperatorId, of leave-one-in
};

/// The sample with its states replaced; the sample itself when there are none yet.
[[nodiscard]] Sample withState(Sample sample, const std::vector<StateLink>& links,
                               const std::vector<Tensor>& states);

/// Calls work(sample, feedback) for every sample in [0, count). Without states samples run in any order on
/// `threads` host threads; with states the samples of one sequence run in order on one thread and share a
/// Feedback. Otherwise as forEachSample.
bool forEachStep(const Dataset& data, std::size_t count, const std::vector<StateLink>& links, int threads,
                 const std::stop_token& stop, const std::function<void(std::size_t, Feedback&)>& work,
                 const std::function<void(std::size_t)>& onDone);

} // namespace core
