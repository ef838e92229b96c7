#pragma once

#include "core/base/fingerprint.h"
#include "core/sensitivity/output_effect.h"
#include "core/sensitivity/output_probe.h"
#include "core/session/session.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// Effects by all that decides them, so that work can be cut off and taken up again. Either function may be
/// empty.
struct EffectMemory
{
    std::function<std::optional<OutputEffect>(const Fingerprint&)> find{};
    /// Called as soon as an effect is known; `what` says it in words.
    std::function<void(const Fingerprint&, const std::string& what, const OutputEffect&)> keep{};
};

enum class LeaveOne : std::uint8_t
{
    In, ///< FP32 but for this operator
    Out, ///< quantized but for this operator, which the plan keeps in FP32: its output is still rounded by
         ///< integer readers
    Both,
};

struct LeaveOneEffect
{
    OperatorId op{};
    std::optional<OutputEffect> in;
    std::optional<OutputEffect> out;
};

/// Operators that have an effect to measure: quantized, and more than movement of codes.
[[nodiscard]] std::vector<OperatorId> sensitiveOperators(const PreparedNetwork& network);

/// Exact sensitivity of these operators over the samples of the probe, one operator after the other. Each
/// costs the part of one FP32 (in) and of one quantized execution (out) behind it. None when stopped: what
/// was finished is in the memory.
[[nodiscard]] std::optional<std::vector<LeaveOneEffect>>
measureLeaveOne(Session& session, OutputProbe& probe, const std::vector<OperatorId>& operators,
                LeaveOne which, const EffectMemory& memory, const std::stop_token& stop,
                const ProgressCallback& progress);

/// Of everything that decides the outputs under a plan: model, data, number of samples, every resolved
/// operator.
[[nodiscard]] Fingerprint effectKey(const Session& session, const PreparedNetwork& network,
                                    std::size_t samples);

} // namespace core
