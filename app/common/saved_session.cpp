#include "app/common/saved_session.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace app {

namespace {

std::string fingerprintOf(const core::DataSource& data)
{
    return data.evaluation->fingerprint() + "/" + data.calibration->fingerprint();
}

} // namespace

io::SessionFile describeProject(const ProjectRequest& request, const Project& project)
{
    io::SessionFile session;
    session.model = request.model;
    session.modelSha256 = project.model->sha256;
    session.data = request.data;
    session.dataFingerprint = fingerprintOf(project.data);
    session.shapes = request.shapes;
    session.sampleLimit = static_cast<std::int64_t>(request.options.sampleLimit);
    if (const auto statistics = project.session->calibrationStatistics()) {
        session.calibration = *statistics;
    }
    if (const auto statistics = project.session->evaluationStatistics()) {
        session.evaluation = *statistics;
    }
    return session;
}

std::shared_ptr<const io::SavedTensors> captureForSession(const Project& project,
                                                          std::shared_ptr<const core::QuantizationPlan> plan,
                                                          std::size_t samples, const std::stop_token& stop)
{
    const std::uint64_t bytes = core::capturedBytes(*project.session->operators(*plan), samples);
    if (bytes > io::kMostTensorBytes) {
        throw core::Error(
            core::ErrorKind::Usage,
            fmt::format("tensors of {} samples take {} MB, a session keeps at most {} MB: take fewer samples",
                        samples, bytes / 1'000'000, io::kMostTensorBytes / 1'000'000));
    }
    const auto network = project.session->prepare(*plan, stop, {});
    auto captured =
        network ? core::captureTensors(*network, *project.data.evaluation, samples, stop) : std::nullopt;
    if (!captured) {
        return nullptr;
    }
    return std::make_shared<const io::SavedTensors>(io::SavedTensors{std::move(plan), std::move(*captured)});
}

std::optional<core::SampleTensors> tensorsOf(const Project& project,
                                             std::shared_ptr<const core::QuantizationPlan> plan,
                                             core::OperatorId op, std::size_t sample,
                                             const std::stop_token& stop)
{
    if (project.tensors && *project.tensors->plan == *plan) {
        const auto found =
            project.tensors->tensors.find({sample, project.session->operators(*plan)->at(op).name});
        if (found != project.tensors->tensors.end()) {
            return found->second;
        }
    }
    return project.session->tensors(std::move(plan), op, sample, stop);
}

ReopenedProject reopenProject(const io::SessionFile& session, const core::SessionOptions& options)
{
    ReopenedProject result;
    result.request.model = session.model;
    result.request.data = session.data;
    result.request.shapes = session.shapes;
    result.request.options = options;
    result.request.options.sampleLimit = static_cast<std::size_t>(session.sampleLimit);
    result.project = openProject(result.request);
    if (result.project.model->sha256 != session.modelSha256) {
        throw core::Error(
            core::ErrorKind::InvalidModel,
            fmt::format(
                "{} is not the model of this session: its SHA-256 is {}, the session was saved with {}",
                session.model.string(), result.project.model->sha256, session.modelSha256));
    }
    if (fingerprintOf(result.project.data) != session.dataFingerprint) {
        result.warnings.push_back(fmt::format("{} has changed since the session was saved: its numbers are "
                                              "those of then, the next run measures anew",
                                              session.data.filename().string()));
    } else {
        result.project.tensors = session.tensors;
        result.project.session->restore(std::make_shared<const core::StatisticsByValue>(session.calibration),
                                        std::make_shared<const core::StatisticsByValue>(session.evaluation),
                                        *session.history.at(session.current).plan);
    }
    return result;
}

} // namespace app
