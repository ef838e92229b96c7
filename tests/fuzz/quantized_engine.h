#pragma once

#include "tests/fuzz/our_engine.h"
#include "tests/fuzz/verdict.h"

#include <optional>
#include <string>
#include <vector>

namespace fuzz {

/// Outputs of a graph, by sample and in its order.
using OutputReals = std::vector<std::vector<core::Tensor>>;

/// One plan on one network.
struct Quantized
{
    std::shared_ptr<const core::OperatorGraph> graph;
    core::ResolvedPlan resolved;
    OutputReals outputs;
    std::size_t integers = 0; ///< operators that run in integers
    bool hasNaN = false; ///< on the way in FP32: its code is the zero point here, the lowest in ONNX Runtime
};

/// A model that plans can be made for; none, with a note of that oracle, where it is refused (the FP32 oracle
/// judges that), has shapes that only a run tells, or no inputs.
[[nodiscard]] std::optional<OurModel> plannableModel(const Subject& subject, const std::string& oracle,
                                                     Verdict& verdict);
/// Sums apart: ONNX Runtime has no fused residual. Of a quantized model what it says.
[[nodiscard]] core::QuantizationPlan planWith(const OurModel& model, core::Backend backend);
[[nodiscard]] Quantized quantized(const OurModel& model, core::Backend backend);

[[nodiscard]] bool isFinite(const OutputReals& outputs);
/// What ONNX Runtime answered, in the order of the graph's outputs.
[[nodiscard]] OutputReals ordered(const Subject& subject, const PeerAnswer& answer);

/// Within so many codes of each output; else a finding of that oracle.
void compareCodes(const std::string& oracle, const std::string& kind, const Quantized& found,
                  const OutputReals& expected, double codes, Verdict& verdict);

/// SQNR; infinite where equal.
[[nodiscard]] double decibels(const core::Tensor& found, const core::Tensor& expected);
/// Of the worst output of reals, over all samples together, as verify has it. Types and shapes are equal.
[[nodiscard]] double worstDb(const OutputReals& found, const OutputReals& expected);

} // namespace fuzz
