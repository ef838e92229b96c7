#pragma once

#include "core/report/report.h"
#include "core/sensitivity/leave_one.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// Where OperatorTruths::gainDb comes from.
enum class GainSource : std::uint8_t
{
    Measured,
    ReversePass, ///< predictLeaveOut: first order, with how errors add up or cancel
    UncorrelatedErrors, ///< its weights' share of the error energy: no reverse pass reaches the operator
};
[[nodiscard]] std::string_view wordsFor(GainSource source);

/// One operator in the table of the three truths. Errors are relative L2: ‖y − ŷ‖ / ‖y‖.
struct OperatorTruths
{
    OperatorId op{};
    std::string name;
    std::string type;
    std::optional<double> isolated; ///< of its own output, on quantized FP32 inputs
    std::optional<double> accumulated; ///< of its own output, in the quantized pipeline
    std::optional<double> onlyThis; ///< of the network's output: leave-one-in
    std::optional<double> allButThis; ///< of the network's output: leave-one-out
    std::optional<double>
        gainDb; ///< output SQNR without this operator's quantization minus that with everything quantized
    GainSource gainSource = GainSource::Measured; ///< of allButThis, too
    std::optional<double> gainErrorDb; ///< standard error of gainDb over samples, where predicted
    std::optional<double> top1Only; ///< points of top-1 that quantizing it alone costs
    std::optional<double> top1Gain; ///< points of top-1 that keeping it in FP32 gives back
    bool isPredicted = false; ///< onlyThis and gainDb come from the error flow, not from a measurement
    double isolatedRank = 0.0; ///< 1 = largest error; 0 where not known
    double accumulatedRank = 0.0;
    double onlyThisRank = 0.0;
    double gainRank = 0.0;
    bool disagrees = false; ///< its isolated rank and its rank at the output differ by more than a quarter of
                            ///< the operators
};

/// Ranks and flags of rows whose errors are filled in.
void rankTruths(std::vector<OperatorTruths>& rows);

/// Puts what was measured at the network's output into a row; `all`: everything quantized.
void fillAtOutput(OperatorTruths& row, const std::vector<MeasuredOutput>& outputs, const OutputEffect& all,
                  const LeaveOneEffect& effect);

/// The table of a report and of what was measured; `all`: everything quantized. Operators without an effect
/// are left out.
[[nodiscard]] std::vector<OperatorTruths> threeTruths(const Report& report,
                                                      const std::vector<MeasuredOutput>& outputs,
                                                      const OutputEffect& all,
                                                      const std::vector<LeaveOneEffect>& effects);

} // namespace core
