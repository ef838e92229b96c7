#pragma once

#include "tests/fuzz/drawn_graph.h"
#include "tests/fuzz/verdict.h"

#include <span>
#include <string_view>

namespace fuzz {

enum class Extremes : std::uint8_t
{
    Any,
    NaN, ///< or infinity, of which NaN comes
    Subnormal, ///< or of subnormal squares
    Huge, ///< of infinite squares
    NoElement ///< a tensor of length zero
};

/// A fault that is known and open, or where ONNX Runtime itself is not what ONNX says. What it covers is
/// counted and printed under its reason, never silently left out.
struct KnownFault
{
    std::string_view oracle; ///< empty: any
    std::string_view kind; ///< part of the finding's kind; empty: any
    std::string_view
        operatorType; ///< some node of the smallest graph, "Reduce*" any that begins so; empty: any
    std::string_view text; ///< part of the finding's text; empty: any
    std::string_view reason;
    Extremes extremes = Extremes::Any; ///< in some tensor of the smallest graph
};

[[nodiscard]] std::span<const KnownFault> knownFaults();

/// Null for a finding that is new.
[[nodiscard]] const KnownFault* knownFault(const Finding& finding, const DrawnGraph& smallest);

} // namespace fuzz
