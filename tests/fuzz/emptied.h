#pragma once

#include "tests/fuzz/drawn_graph.h"
#include "tests/fuzz/random.h"

namespace fuzz {

/// The same graph over tensors of length zero: one dimension of an input, and as often that dimension
/// wherever inputs, and sometimes constants, have it, becomes 0. A batch without samples, a cache without a
/// past, a product over no terms; what is no valid graph any more has to be refused by name.
[[nodiscard]] DrawnGraph emptied(DrawnGraph graph, Random& random);

} // namespace fuzz
