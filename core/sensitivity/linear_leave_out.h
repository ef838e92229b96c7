#pragma once

#include "core/sensitivity/output_probe.h"
#include "core/session/session.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// What keeping one operator in FP32 takes away from the error at one output, to first order. Energies summed
/// over samples and output elements.
struct LinearEffect
{
    OperatorId op{};
    bool isKnown = false; ///< false where the reverse pass ends before the operator
    double removed = 0.0; ///< ‖E‖² − ‖E − J·δ‖²; negative where its error cancels others
    double standardError = 0.0; ///< of `removed`, from the scatter over samples
};

struct LinearLeaveOut
{
    std::vector<LinearEffect> effects; ///< in the order asked for
    double squaredError = 0.0; ///< ‖E‖²: everything quantized
    std::size_t samples = 0;
    std::vector<std::string> ends; ///< operators without a rule (ReversePass::ends)
};

/// Leave-one-out of all these operators from two reverse passes per sample: with E the error of the output
/// when everything is quantized, δ what leaving the operator in FP32 changes at the values it writes
/// (LocalLeaveOut) and J = ∂output/∂value at the quantized network's own values,
///   ‖E‖² − ‖E − J·δ‖² = 2·(Jᵀ·E)·δ − ‖J·δ‖².
/// One pass along E gives the first term for all operators, and of J·δ what lies along E; the rest of ‖J·δ‖²
/// is estimated from one pass along random signs v, seeded by the sample's index, as (v·J·δ)² with E's
/// direction taken out of v (Hutchinson 1990).
///
/// Unlike sums of energies it knows how the errors of operators add up or cancel. It cannot know how values
/// behind the operator are rounded anew when it changes: with few samples that is most of what the exact
/// method measures, too, and ranks nothing but chance (`standardError`). Gradients at FP32 values were weaker
/// where errors are large (0.54 in place of 0.97 on MobileNet v1 0.25 at 224). Over the first samples of the
/// probe; none when stopped.
[[nodiscard]] std::optional<LinearLeaveOut> predictLeaveOut(Session& session, const OutputProbe& probe,
                                                            const std::vector<OperatorId>& operators,
                                                            ValueId output, std::size_t samples,
                                                            const std::stop_token& stop,
                                                            const ProgressCallback& progress);

} // namespace core
