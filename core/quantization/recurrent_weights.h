#pragma once

#include "core/network/operator_graph.h"
#include "core/plan/plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace core {

/// One matrix of an LSTM or GRU as codes, row by row in the order of the constant: directions × gates·hidden.
struct RecurrentMatrix
{
    std::vector<std::int8_t> codes;
    std::vector<float> scale; ///< one per row
};

/// Weights of an LSTM or GRU as its plan says: s8 of up to 8 bits, symmetric, a scale per row (per-channel)
/// or one per direction (per-tensor).
struct RecurrentWeights
{
    RecurrentMatrix input; ///< W
    RecurrentMatrix hidden; ///< R
    int bits = 8;
    std::string method;
    std::string granularity;
    std::string notice; ///< what of the settings has no form here; empty: nothing
};

[[nodiscard]] RecurrentWeights quantizeRecurrentWeights(const Operator& op, const WeightSettings& settings);

} // namespace core
