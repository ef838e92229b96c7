#pragma once

#include "tests/fuzz/drawn_graph.h"

#include <functional>

namespace fuzz {

/// The smallest graph found that still fails: operators, attributes, inputs, samples and dimensions are taken
/// away one by one, values made plain. `fails` is asked at most `tries` times.
[[nodiscard]] DrawnGraph shrunk(DrawnGraph graph, const std::function<bool(const DrawnGraph&)>& fails,
                                int tries = 400);

} // namespace fuzz
