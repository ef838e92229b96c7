#pragma once

#include "io/verify/export_runner.h"
#include "io/verify/verification.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace io {

/// Runs an exported model in another engine beside our int8 pipeline: operator by operator on the first
/// samples, then the file as it is at its outputs. Tensors that the file lacks are added to `problems`. None
/// when stopped. `tag`: of the names in the exported model (QdqModel::tag).
[[nodiscard]] std::optional<Execution> executeExport(const VerificationRequest& request, ExportRunner& peer,
                                                     const std::stop_token& stop,
                                                     std::vector<std::string>& problems,
                                                     const std::string& tag);

/// The same at the outputs only, by their own names: nothing is exposed that keeps the other engine from
/// optimizing.
[[nodiscard]] std::optional<Execution> executeOutputs(const VerificationRequest& request, ExportRunner& peer,
                                                      const std::stop_token& stop, const std::string& tag);

} // namespace io
