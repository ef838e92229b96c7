#pragma once

#include "core/base/fingerprint.h"
#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/quantization/linear_arithmetic.h"
#include "core/quantization/quantized_kind.h"
#include "core/quantization/recurrent_weights.h"
#include "core/quantization/weight_cache.h"
#include "core/quantization/weight_quantization.h"
#include "core/statistics/statistics.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// How a value is quantized wherever it exists as codes.
struct ResolvedValue
{
    QuantizationParams params;
    CalibrationMethod method;
    Range threshold;
    /// Held as float; every integer reader quantizes it by its own minimum and maximum at run time. `params`
    /// then say scheme and bits only.
    bool isDynamic = false;
    /// followed_by: all that its readers tell apart. References are clamped to it as those readers clamp.
    std::optional<Range> readersRange{};
};

/// What will really run for one operator, and why.
struct ResolvedOperator
{
    QuantizedKind kind = QuantizedKind::None;
    Precision requested = kInt8;
    Precision effective = kFp32;
    std::string reason; ///< why effective differs from requested
    bool writesCodes = false; ///< its output is codes (effective int8), else float
    bool inherits = false; ///< output params are those of its first input
    Backend backend = Backend::Real;
    LinearArithmetic arithmetic; ///< of Linear
    std::optional<QuantizationParams> intermediate; ///< of Add and Sum: the codes in which DNNLOWP adds
    bool isFixedPoint = false; ///< of GroupNormalization: DNNLOWP's arithmetic
    std::shared_ptr<const QuantizedWeights> weights; ///< of Linear, or the constant operand of Binary
    std::shared_ptr<const RecurrentWeights> recurrent; ///< of an integer LSTM or GRU
    Fingerprint key; ///< of everything its arithmetic depends on, inputs' codes aside
    Fingerprint isolatedKey; ///< key, and how its output is quantized by whoever reads it
};

/// A plan made concrete for one graph and one calibration.
struct ResolvedPlan
{
    std::vector<std::optional<ResolvedValue>> values; ///< by ValueId: those that exist as codes somewhere
    std::vector<ResolvedOperator> operators; ///< by OperatorId
    std::vector<std::string> warnings;

    /// Whether a value is held as codes by the operator that writes it.
    [[nodiscard]] bool isCodes(const OperatorGraph& graph, ValueId id) const;
};

/// Throws core::Error(Usage) for a plan that names an operator, type or input that does not exist (with near
/// misses), or whose selector picks nothing, or that sets the activation of an operator that inherits it
/// (naming the producer).
[[nodiscard]] ResolvedPlan resolvePlan(const OperatorGraph& graph, const QuantizationPlan& plan,
                                       const std::vector<TensorStatistics>& statistics, WeightCache& weights);

} // namespace core
