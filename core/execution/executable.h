#pragma once

#include "core/network/operator_graph.h"
#include "core/params/kernel_format.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/tensor.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace core {

/// An operator made ready to run: weights packed, kernel chosen. run() may be called from several threads at
/// once.
struct Executable
{
    std::string backend; ///< "onednn", "noisefloor" or "reference"
    std::string implementation; ///< the kernel, in its own words
    /// Inputs by position as in Operator::inputs, any layout; undefined where the input is constant or left
    /// out.
    std::function<std::vector<Tensor>(std::span<const Tensor>)> run;
    /// The same, but it may write over the bytes of inputs that nobody else holds. Empty where that gains
    /// nothing.
    std::function<std::vector<Tensor>(std::span<Tensor>)> runInPlace{};
};

/// The FP32 form. Backend::Reference takes the readable evaluation of every node instead of the fast kernels.
[[nodiscard]] Executable compileFloat(const OperatorGraph& graph, const Operator& op, Backend backend);

/// The integer form of an operator whose kind is not None: codes in; codes (or float, where resolved so) out.
[[nodiscard]] Executable compileQuantized(const OperatorGraph& graph, OperatorId id,
                                          const ResolvedPlan& plan);

} // namespace core
