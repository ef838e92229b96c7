#include "core/diagnosis/error_factors.h"

namespace core {

std::vector<ErrorFactor> errorFactors(const ErrorParts& parts)
{
    const ErrorFactor all[] = {
        {"weight rounding", "weights and bias rounded, everything else in FP32: weight-only", parts.weights,
         true},
        {"clipping", "its output clipped to the range, beyond rounded weights", parts.clip, true},
        {"output rounding", "its clipped output rounded to codes", parts.round, true},
        {"arithmetic", "what the integer kernel adds: saturating sums, tables, requantization",
         parts.arithmetic, true},
        {"activation only", "its output clipped and rounded, weights and bias in FP32", parts.activationOnly},
        {"bias rounding", "of weight rounding: the bias alone", parts.bias},
        {"zero-point nudge", "of output rounding: what moving zero onto a code adds; saves where negative",
         parts.nudge},
        {"saturation", "of arithmetic: sums that saturate on the target", parts.saturation},
        {"table", "of arithmetic: a function read from a table", parts.table},
        {"input rounding", "its inputs rounded, the operator in FP32: not its own error", parts.inputs},
        {"without channel means", "all of it but the constant of every channel: what bias correction leaves",
         parts.withoutMean},
    };
    std::vector<ErrorFactor> result;
    for (const ErrorFactor& factor : all) {
        if (factor.energy != 0.0) {
            result.push_back(factor);
        }
    }
    return result;
}

} // namespace core
