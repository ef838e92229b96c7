#pragma once

#include "core/repair/operator_walk.h"

#include <vector>

namespace core {

/// Mean over samples and positions of what the quantized operator computes before its activation minus what
/// the FP32 one does, by result channel: E[W_q·x_q] − E[W·x]. So it sees the errors of everything in front,
/// too (Nagel et al. 2019, section 4.2.1, empirical). The bias is left out. Both are linear, so the mean
/// source stands for all samples.
[[nodiscard]] std::vector<float> meanResultError(const WalkStep& step);

/// Gives every operator that `isWanted` the bias correction that its mean error asks for, in the order they
/// run, so that each one is found with all in front corrected. False when stopped.
bool correctBiasEmpirically(Session& session, QuantizationPlan& plan,
                            const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                            const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
