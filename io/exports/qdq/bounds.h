#pragma once

#include "io/exports/qdq/context.h"

#include <string>

namespace io {

/// Upper bounds of an operator's result as a tensor that broadcasts along its channels; returns its name.
[[nodiscard]] std::string writeUpperBounds(QdqContext& context, const core::Operator& op);

/// Min by channel between codes and codes of the same params: the operator in front stays next to a
/// QuantizeLinear of its own, so that runtimes still take it for an integer one, and the codes are the same.
void writeBoundsOfCodes(QdqContext& context, const core::Operator& op, const std::string& codes,
                        const std::string& to);

} // namespace io
