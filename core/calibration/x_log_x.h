#pragma once

#include <cmath>

namespace core {

/// x · ln x, in nats; 0 at 0, as its limit is.
inline double xLogX(double x) { return x > 0.0 ? x * std::log(x) : 0.0; }

} // namespace core
