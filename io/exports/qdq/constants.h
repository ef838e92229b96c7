#pragma once

#include "io/exports/qdq/context.h"

#include <string>
#include <vector>

namespace io {

/// Codes of the weights of a linear operator, or of the constant operand of a binary one, with scale and zero
/// point; of no blocked or split form.
struct ConstantNames
{
    std::string codes;
    std::string scale;
    std::string zeroPoint;
};
[[nodiscard]] ConstantNames writeWeightCodes(QdqContext& context, const core::Operator& op, std::size_t i,
                                             const core::QuantizedWeights& weights);

/// Codes of the bias at s_x·s_w[c]; the name of their tensor, empty without a bias.
[[nodiscard]] std::string writeBiasCodes(QdqContext& context, const core::Operator& op,
                                         const core::QuantizedWeights& weights);

/// Name under which input i of an operator is read as a real; constants are written on the way.
[[nodiscard]] std::string writeInput(QdqContext& context, core::OperatorId id, std::size_t i);

/// Gives an operator that has a bias only because it is corrected that bias as an input.
void addCorrectedBias(QdqContext& context, core::OperatorId id, std::vector<std::string>& inputs);

} // namespace io
