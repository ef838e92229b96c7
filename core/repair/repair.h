#pragma once

#include "core/plan/plan.h"
#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace core {

enum class RepairKind : std::uint8_t
{
    ZeroDeadChannels,
    ZeroCalibratedChannels,
    Equalize,
    Smooth,
    LearnedRange,
    LearnedRounding,
    BiasCorrection,
    EmpiricalBias,
};

struct RepairInfo
{
    RepairKind kind;
    std::string_view name; ///< as --apply takes it
    std::string_view help; ///< one line
};

/// All of them, in the order in which they are applied whatever the order of the wish: each sees what those
/// before did.
[[nodiscard]] std::span<const RepairInfo> repairs();

/// One repair with its parameter.
struct Repair
{
    RepairKind kind = RepairKind::Equalize;
    double alpha = 0.5; ///< of Smooth
    bool operator==(const Repair&) const = default;
};

/// "equalize", "smooth:0.7". Throws core::Error(Usage) with near misses.
[[nodiscard]] Repair parseRepair(std::string_view text);
[[nodiscard]] std::string toString(const Repair& repair);

/// What the quantized network does at its outputs over the evaluation samples of a session.
struct RepairMeasure
{
    std::string output; ///< the worst one
    std::optional<double> sqnrDb; ///< none where exact
    bool labelled = false;
    double fp32Top1 = 0.0; ///< percent; of labelled data
    double top1 = 0.0;
    std::optional<double> agreement; ///< percent of samples with the same predicted class; of classifiers
    std::uint64_t samples = 0;
};

struct RepairRequest
{
    QuantizationPlan plan;
    std::vector<Repair> repairs;
    std::vector<std::string> operators; ///< names, also of inner nodes; empty: all
    std::size_t samples = 32; ///< calibration samples that what is learnt is learnt from, at most
};

struct RepairOutcome
{
    QuantizationPlan plan;
    RepairMeasure before;
    RepairMeasure after;
    std::size_t samples = 0; ///< calibration samples used for what is learnt; 0: nothing is
    std::vector<std::string> notes; ///< what was applied where, and what could not be
};

/// The plan with the repairs in it; none when stopped. Throws core::Error(Usage) naming an operator that does
/// not exist or cannot be repaired so.
[[nodiscard]] std::optional<QuantizationPlan> repairedPlan(Session& session, const RepairRequest& request,
                                                           std::vector<std::string>& notes,
                                                           const std::stop_token& stop,
                                                           const ProgressCallback& progress);

/// What a plan does at the outputs; none when stopped.
[[nodiscard]] std::optional<RepairMeasure> measurePlan(Session& session, const QuantizationPlan& plan,
                                                       const std::stop_token& stop,
                                                       const ProgressCallback& progress);

/// repairedPlan() with both plans measured.
[[nodiscard]] std::optional<RepairOutcome> repair(Session& session, const RepairRequest& request,
                                                  const std::stop_token& stop,
                                                  const ProgressCallback& progress);

} // namespace core
