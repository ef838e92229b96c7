#pragma once

#include "tests/bench/results.h"

namespace bench {

// Each registers its benchmarks; what they measure goes into the closing table.
void registerInference(Results& results); ///< against ONNX Runtime
void registerAnalysis(Results& results); ///< passes that keep every tensor, against FP32 alone
void registerSearch(Results& results); ///< thresholds from statistics
void registerOperators(Results& results); ///< int8 against FP32, operator by operator
void registerFakeQuantize(Results& results); ///< memory and time of what a backward pass keeps
void registerOpen(Results& results); ///< a large model

} // namespace bench
