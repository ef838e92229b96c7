#pragma once

#include "core/diagnosis/diagnosed_cause.h"
#include "core/plan/plan.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// One number that proves a cause.
struct Proof
{
    std::string name; ///< "weight scale with dead channels ÷ without"
    double value = 0.0;
    std::string unit; ///< "dB", "bits", "%", "" for ratios and reals
    std::uint64_t samples = 0; ///< it was measured on; 0 where it comes from weights or the plan alone
};

/// What a network's output does under a plan.
struct OutputQuality
{
    std::optional<double> sqnrDb; ///< of the logits, else of the worst output; none where exact
    std::optional<double> top1; ///< percent; none without labels
    std::uint64_t samples = 0;
};

/// Ascending: what a fix costs at run time.
enum class FixCost : std::uint8_t
{
    None, ///< other numbers, same arithmetic
    MoreBits,
    Float, ///< leaves the integer pipeline
};

/// Why a plan is not to be; empty where nothing speaks against it.
using PlanObjection = std::function<std::string(const QuantizationPlan&)>;

/// A change of the plan that may help.
struct Fix
{
    std::string label; ///< "activation.method=l2 for conv3"
    FixCost cost = FixCost::None;
    std::function<QuantizationPlan(const QuantizationPlan&)> apply;
    std::optional<OutputQuality> measured; ///< with this fix alone; none when not tried
    std::optional<double> gainDb; ///< output SQNR with it minus without; none when not tried or exact
    std::optional<double> gainTop1; ///< points
    bool recommended = false; ///< the cheapest of those that gain nearly as much as the best
    std::string refused; ///< why it could not be tried
};

/// One thing that is wrong, with what proves it and what to do.
struct Finding
{
    DiagnosedCause cause = DiagnosedCause::OrdinaryRounding;
    double severity = 0.0; ///< 0…1: share of the squared output error that it explains
    /// Findings are ordered by severity × specificity: a cause that says what to do comes before its
    /// symptoms.
    double specificity = 1.0;
    std::string guilty; ///< operator or graph input
    std::vector<std::string> tensors;
    std::vector<int> channels; ///< of the tensor or the weights; empty where all
    std::vector<Proof> proofs;
    std::string explanation; ///< one sentence
    std::vector<Fix> fixes; ///< best first once measured

    /// The fix to take; null when none helps.
    [[nodiscard]] const Fix* recommendedFix() const;
};

} // namespace core
