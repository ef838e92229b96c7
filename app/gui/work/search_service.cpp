#include "app/gui/work/search_service.h"

#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "io/reports/search_journal.h"

#include <QStandardPaths>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <vector>

namespace app {

namespace {

constexpr std::size_t kMostJournals = 50;

/// One file for each thing that is searched; the oldest ones go.
std::filesystem::path journalOf(const io::SearchSubject& subject)
{
    namespace fs = std::filesystem;
    const fs::path folder =
        fs::path(QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation).toStdString())
        / "searches";
    fs::create_directories(folder);
    std::vector<fs::directory_entry> files(fs::directory_iterator(folder), {});
    std::ranges::sort(files,
                      [](const auto& a, const auto& b) { return a.last_write_time() > b.last_write_time(); });
    for (std::size_t i = kMostJournals; i < files.size(); ++i) {
        fs::remove(files[i]);
    }
    const std::string goal =
        fmt::format("{} {} {}", subject.goal.sqnrDb.value_or(-1.0), subject.goal.top1Drop.value_or(-1.0),
                    subject.goal.int8Share.value_or(-1.0));
    const std::string key = io::sha256(fmt::format("{}\n{}\n{}\n{}\n{}", subject.modelSha256, subject.data,
                                                   subject.samples, goal, io::planToJson(subject.plan)));
    return folder / (key + ".jsonl");
}

} // namespace

SearchService::SearchService(RunController* controller, QObject* parent)
    : BatchService(controller, tr("The search"), parent)
{
}

void SearchService::start(std::shared_ptr<const core::QuantizationPlan> plan, const core::SearchGoal& goal,
                          std::size_t trials)
{
    startJob([this, plan, goal, trials](const Project& project, const views::Jobs::Call& call) {
        core::Session& session = *project.session;
        const core::Dataset& data = *session.data().evaluation;
        const io::SearchSubject subject{session.model().sha256, data.fingerprint(), data.size(), *plan, goal};
        io::SearchJournal journal(journalOf(subject), subject);
        core::SearchOptions options;
        options.goal = goal;
        options.trials = trials;
        const auto onTrial = [&](const core::SearchState& state) {
            if (!state.isFinished) { // else recorded after its last trial
                journal.record(state);
            }
            const auto record = std::make_shared<const views::SearchRecord>(
                views::SearchRecord{state, goal, data.size(), trials, plan});
            call.tell([this, record] { emit advanced(record); });
        };
        const auto state = core::searchPrecision(session, *plan, options, journal.memory(), call.stop,
                                                 call.progress, onTrial);
        return state && !call.stop.stop_requested();
    });
}

} // namespace app
