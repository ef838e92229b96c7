#include "app/gui/work/run_controller.h"

#include "app/common/saved_session.h"
#include "app/gui/work/saved_workspace.h"
#include "io/onnx/onnx_reader.h"

#include <exception>
#include <utility>

namespace app {

namespace {

using Lane = views::Jobs::Lane;
using Call = views::Jobs::Call;

bool isReadable(const std::filesystem::path& model)
{
    try {
        (void)io::readOnnx(model);
        return true;
    } catch (const std::exception&) { // the one that matters was caught before
        return false;
    }
}

} // namespace

RunController::RunController(QObject* parent)
    : QObject(parent)
{
}

RunController::Results RunController::runOf(const std::shared_ptr<const Project>& project, const Plan& plan,
                                            const Call& call)
{
    const core::Session& session = *project->session;
    const auto early = [&](std::shared_ptr<const core::Report> report,
                           std::shared_ptr<const core::StatisticsByValue> evaluation) {
        call.tell([this, results = earlyResultsOf(session, std::move(report), std::move(evaluation))] {
            emit earlyResultsReady(results);
        });
    };
    const auto report =
        project->session->run(plan, call.stop, call.progress, core::RunScope::Everything, early);
    return report ? resultsOf(session, report) : nullptr;
}

void RunController::begin(Plan plan)
{
    m_jobs.cancel(Lane::Background);
    m_jobs.cancel(Lane::Preview);
    m_jobs.cancel(Lane::Batch); // it was that of another plan
    m_underWay = std::move(plan);
    setBusy(true);
}

views::Jobs::Events RunController::events()
{
    return {.failed =
                [this](const QString& message) {
                    setBusy(false);
                    emit failed(message);
                },
            .progressed =
                [this](const core::Progress& progress) {
                    if (m_busy) {
                        emit progressed(progress);
                    }
                }};
}

void RunController::open(const ProjectRequest& request, Plan plan)
{
    begin(plan);
    const auto work = [this, request, wanted = std::move(plan)](const Call& call) -> Results {
        std::shared_ptr<const Project> project;
        try {
            project = std::make_shared<const Project>(openProject(request));
        } catch (const std::exception& error) { // here the next step depends on what cannot be read
            call.tell(
                [this, message = QString::fromUtf8(error.what()), readable = isReadable(request.model)] {
                    setBusy(false);
                    emit openFailed(message, readable);
                });
            return nullptr;
        }
        const Plan first =
            wanted ? wanted : std::make_shared<const core::QuantizationPlan>(defaultPlan(*project));
        call.tell([this, project, first] {
            m_project = project;
            setMemory(m_memoryBytes);
            m_underWay = first;
            emit opened(first);
        });
        return runOf(project, first, call);
    };
    m_jobs.run(
        Lane::Run, this, work, [this](const Results& results) { takeResults(results); }, events());
}

void RunController::run(Plan plan)
{
    if (m_project && !(m_busy && plan == m_underWay)) {
        begin(plan);
        m_jobs.run(
            Lane::Run, this,
            [this, project = m_project, plan](const Call& call) { return runOf(project, plan, call); },
            [this](const Results& results) { takeResults(results); }, events());
    }
}

void RunController::setMemory(std::size_t bytes)
{
    m_memoryBytes = bytes;
    if (m_project) {
        m_project->session->budget()->setMostBytes(core::cacheBytesOf(bytes));
    }
}

void RunController::openSession(const std::filesystem::path& file, const std::filesystem::path& model)
{
    begin(nullptr);
    m_jobs.run(
        Lane::Run, this, [file, model](const Call&) { return reopenSession(file, model); },
        [this](const std::shared_ptr<const ReopenedSession>& session) {
            m_project = session->project;
            setMemory(m_memoryBytes);
            emit sessionOpened(session);
            setBusy(m_underWay != nullptr); // a plan without results is run at once
        },
        events());
}

void RunController::takeResults(const Results& results)
{
    emit resultsReady(results);
    if (m_jobs.isPending(this, Lane::Run)) {
        return; // who heard of them runs another plan
    }
    m_sensitivitySamples > 0 ? measureSensitivity(results) : setBusy(false);
}

void RunController::measureSensitivity(const Results& results)
{
    const auto work = [project = m_project, results,
                       samples = m_sensitivitySamples](const Call& call) -> Results {
        const auto report =
            project->session->addSensitivity(results->report, samples, call.stop, call.progress);
        if (!report) {
            return nullptr;
        }
        auto more = std::make_shared<core::Results>(*results);
        more->report = report;
        return more;
    };
    const auto done = [this](const Results& more) {
        setBusy(false);
        emit sensitivityReady(more);
    };
    m_jobs.run(Lane::Background, this, work, done, events());
}

void RunController::requestTensors(const Plan& plan, core::OperatorId op, std::size_t sample)
{
    using Tensors = std::shared_ptr<const core::SampleTensors>;
    if (!m_project) {
        return;
    }
    m_jobs.run(
        Lane::Preview, this,
        [project = m_project, plan, op, sample](const Call& call) -> Tensors {
            auto tensors = tensorsOf(*project, plan, op, sample, call.stop);
            return tensors ? std::make_shared<const core::SampleTensors>(*std::move(tensors)) : nullptr;
        },
        [this, op, sample](const Tensors& tensors) { emit tensorsReady(op, sample, tensors); },
        {.failed = [this](const QString& message) { emit failed(message); }});
}

void RunController::cancel()
{
    m_jobs.cancelAll(); // nothing under way arrives; what it finished stays in the session's cache
    setBusy(false);
    emit cancelled();
}

void RunController::setBusy(bool busy)
{
    if (busy != m_busy) {
        m_busy = busy;
        emit busyChanged(busy);
    }
}

} // namespace app
