#pragma once

#include "core/network/operator_graph.h"
#include "core/sensitivity/output_probe.h"
#include "core/session/session.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace core {

enum class FlowRole : std::uint8_t
{
    None, ///< no error passes
    Source, ///< most of the error energy at its output is its own
    Amplifier, ///< relative error grows by more than 10 %
    Absorber, ///< relative error shrinks by more than 10 %
    Carrier, ///< passes on what comes
};
[[nodiscard]] std::string_view wordFor(FlowRole role);

/// What one activation input of an operator passes on. Energies Σe² over samples and elements.
struct FlowEdge
{
    ValueId value = kNoValue;
    double squaredIn = 0.0; ///< of the error that has accumulated on the value
    double squaredOut = 0.0; ///< what that makes of the FP32 operator's output when no other input errs
    /// Energy out per energy in.
    [[nodiscard]] double gain() const { return squaredIn > 0.0 ? squaredOut / squaredIn : 0.0; }
};

/// Error through one operator: y FP32, ŷ quantized pipeline, f the FP32 operator, x̂ the quantized pipeline's
/// inputs.
struct OperatorFlow
{
    std::vector<FlowEdge> edges;
    double squaredReference = 0.0; ///< Σy²
    double squaredOut = 0.0; ///< Σ(y − ŷ)²: accumulated
    double squaredCarried = 0.0; ///< Σ(y − f(x̂))²: what came in
    double squaredOwn = 0.0; ///< Σ(f(x̂) − ŷ)²: what it adds
    double squaredWeights =
        0.0; ///< Σ(Q(f(x̂)) − ŷ)²: what it would not add in FP32, its output rounded all the same
    double interference = 0.0; ///< correlation, −1…1, of what several inputs pass on
    /// Relative error carried to the output per relative error at the inputs; none where nothing comes in.
    std::optional<double> gain;
    FlowRole role = FlowRole::None;
};

struct ErrorFlow
{
    std::vector<OperatorFlow> operators; ///< by OperatorId
    std::size_t samples = 0;
};

/// Measured over the first samples of the probe: one more FP32 execution on the quantized pipeline's values;
/// operators with several inputs run once more for each. None when stopped.
[[nodiscard]] std::optional<ErrorFlow> measureErrorFlow(const OutputProbe& probe, std::size_t samples,
                                                        const std::stop_token& stop,
                                                        const ProgressCallback& progress);

/// Energy of the error at every operator's output when each adds `own[op]`: own plus what its inputs' errors
/// come to by the measured gains and interference. Holds while errors are small enough for the gains to stay
/// what they are.
[[nodiscard]] std::vector<double> predictErrors(const ErrorFlow& flow, const OperatorGraph& graph,
                                                std::span<const double> own);

} // namespace core
