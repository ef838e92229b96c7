#pragma once

#include "app/common/saved_session.h"
#include "app/gui/work/workspace.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace app {

/// What a workspace gives to a session file: undo history, runs, baseline. Model, data and statistics are
/// left empty: describeProject() knows them, and may take its time off the UI thread.
[[nodiscard]] io::SessionFile describeWorkspace(const Workspace& workspace);

/// A session file brought back to life: nothing was computed again.
struct ReopenedSession
{
    ProjectRequest request;
    std::shared_ptr<const Project> project;
    Workspace::History history;
    std::vector<views::RunRecord> runs;
    std::shared_ptr<const core::Results> baseline;
    std::string layout; ///< of the window, as it was saved
    std::vector<std::string> warnings;
};

/// Throws core::Error naming the file that is damaged, gone or another. Reads the whole model: not for the UI
/// thread.
[[nodiscard]] std::shared_ptr<const ReopenedSession> reopenSession(const std::filesystem::path& file,
                                                                   const std::filesystem::path& model = {});

} // namespace app
