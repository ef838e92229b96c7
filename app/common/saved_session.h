#pragma once

#include "app/common/project.h"
#include "io/session/session_file.h"

#include <string>
#include <utility>
#include <vector>

namespace app {

/// What a session file says of a project: where model and data lie, their hashes, and the statistics
/// collected so far. Plans, runs and layout are left to the caller.
[[nodiscard]] io::SessionFile describeProject(const ProjectRequest& request, const Project& project);

/// The project that a session file speaks of, and the request that opens it. Statistics are taken from the
/// file, so that nothing is computed again, unless the data have changed since: then a warning says so and
/// the next run measures anew. Throws core::Error when model or data are gone or the model is another.
struct ReopenedProject
{
    ProjectRequest request;
    Project project;
    std::vector<std::string> warnings;
};
[[nodiscard]] ReopenedProject reopenProject(const io::SessionFile& session,
                                            const core::SessionOptions& options);

} // namespace app
