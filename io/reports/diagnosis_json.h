#pragma once

#include "core/diagnosis/diagnose.h"

#include <string>

namespace io {

/// JSON of a diagnosis (noisefloor-diagnosis/1): findings worst first with proofs and measured fixes, the
/// share of the output error of every operator, and what the accepted fixes come to together. Shares are of
/// the squared error.
[[nodiscard]] std::string diagnosisToJson(const core::Diagnosis& diagnosis);

} // namespace io
