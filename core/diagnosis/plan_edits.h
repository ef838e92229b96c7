#pragma once

#include "core/diagnosis/diagnosis_input.h"
#include "core/diagnosis/finding.h"

#include <functional>
#include <string>
#include <vector>

namespace core {

/// A change of the settings of one operator or input.
[[nodiscard]] Fix editFix(const Operator& op, std::string label, FixCost cost,
                          std::function<void(OperatorSettings&)> edit);

/// Another calibration method for what an operator writes; a manual range gives way.
[[nodiscard]] Fix methodFix(const Operator& op, const std::string& method);
[[nodiscard]] Fix manualRangeFix(const Operator& op, Range range, const std::string& why);
[[nodiscard]] Fix schemeFix(const Operator& op, Scheme scheme);
[[nodiscard]] Fix activationBitsFix(const Operator& op, int bits);
[[nodiscard]] Fix weightBitsFix(const Operator& op, int bits);
[[nodiscard]] Fix eightBitsFix(const Operator& op);
[[nodiscard]] Fix weightMethodFix(const Operator& op, const std::string& method);
[[nodiscard]] Fix perChannelFix(const Operator& op);
/// Zero weights for input channels that are dead whatever the input, or that the calibration data never wake.
[[nodiscard]] Fix zeroDeadChannelsFix(const Operator& op, ZeroDeadChannels::Kind kind);
/// Source channels of the operator scaled against what writes them: the same FP32 function.
[[nodiscard]] Fix equalizeFix(const Operator& op);
/// The same for every operator at once: in a chain each pair alone may gain nothing.
[[nodiscard]] Fix equalizeChainFix();
[[nodiscard]] Fix biasCorrectionFix(const Operator& op);
[[nodiscard]] Fix floatFix(const Operator& op);

/// Manual ranges for every operator and input that has one of its own. ranges: by OperatorId, unset where it
/// stays.
[[nodiscard]] Fix rangesFix(const DiagnosisInput& input, std::string label,
                            std::vector<std::optional<Range>> ranges);

/// Ranges that the plan's methods choose from the evaluation data, by OperatorId.
[[nodiscard]] std::vector<std::optional<Range>> evaluationRanges(const DiagnosisInput& input);

} // namespace core
