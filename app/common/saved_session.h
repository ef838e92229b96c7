#pragma once

#include "app/common/project.h"
#include "io/session/session_file.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace app {

/// What a session file says of a project: where model and data lie, their hashes, and the statistics
/// collected so far. Plans, runs and layout are left to the caller.
[[nodiscard]] io::SessionFile describeProject(const ProjectRequest& request, const Project& project);

/// Tensors of the first `samples` evaluation samples under a plan, for a session file. Throws
/// core::Error(Usage) saying how much it would be where that is more than a session keeps. None when stopped.
[[nodiscard]] std::shared_ptr<const io::SavedTensors>
captureForSession(const Project& project, std::shared_ptr<const core::QuantizationPlan> plan,
                  std::size_t samples, const std::stop_token& stop);

/// One tensor of one evaluation sample in both pipelines: as the session file kept it, else computed.
[[nodiscard]] std::optional<core::SampleTensors> tensorsOf(const Project& project,
                                                           std::shared_ptr<const core::QuantizationPlan> plan,
                                                           core::OperatorId op, std::size_t sample,
                                                           const std::stop_token& stop);

/// The project that a session file speaks of, and the request that opens it. Statistics are taken from the
/// file, so that nothing is computed again, unless the data have changed since: then a warning says so and
/// the next run measures anew. A model or data that have moved are looked for beside the session file;
/// `model` names it where it lies elsewhere. What the file has lost is among the warnings. Throws core::Error
/// when model or data are gone or the model is another.
struct ReopenedProject
{
    ProjectRequest request;
    Project project;
    std::vector<std::string> warnings;
};
[[nodiscard]] ReopenedProject reopenProject(const io::SessionFile& session,
                                            const core::SessionOptions& options,
                                            const std::filesystem::path& model = {});

/// Where a file that a session names lies now: there, else beside the session file or on the same way down
/// from it; the path itself where it is nowhere.
[[nodiscard]] std::filesystem::path movedFile(const std::filesystem::path& path,
                                              const std::filesystem::path& folder);

} // namespace app
