#include "app/common/saved_session.h"

#include "core/base/error.h"

#include <filesystem>
#include <fmt/format.h>
#include <vector>

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

std::filesystem::path movedFile(const std::filesystem::path& path, const std::filesystem::path& folder)
{
    std::error_code error;
    if (path.empty() || std::filesystem::exists(path, error)) {
        return path;
    }
    // models/net.onnx, then net.onnx: the longest end of the path that is there.
    std::vector<std::filesystem::path> parts(path.begin(), path.end());
    for (std::size_t first = path.is_absolute() ? 1 : 0; first < parts.size(); ++first) {
        std::filesystem::path end;
        for (std::size_t i = first; i < parts.size(); ++i) {
            end /= parts[i];
        }
        if (std::filesystem::exists(folder / end, error)) {
            return folder / end;
        }
    }
    return path;
}

ReopenedProject reopenProject(const io::SessionFile& session, const core::SessionOptions& options,
                              const std::filesystem::path& model)
{
    ReopenedProject result;
    result.request.model = model.empty() ? movedFile(session.model, session.folder) : model;
    result.request.data = movedFile(session.data, session.folder);
    std::error_code unused;
    if (!std::filesystem::exists(result.request.model, unused)) {
        throw core::Error(
            core::ErrorKind::Io,
            fmt::format("the model of this session, {}, is not there and not beside the session "
                        "file: put it there or name it with --model",
                        session.model.string()));
    }
    for (const std::string& lost : session.lost) {
        result.warnings.push_back("the session file is damaged; lost: " + lost);
    }
    result.request.shapes = session.shapes;
    result.request.options = options;
    result.request.options.sampleLimit = static_cast<std::size_t>(session.sampleLimit);
    result.project = openProject(result.request);
    if (result.project.model->sha256 != session.modelSha256) {
        throw core::Error(
            core::ErrorKind::InvalidModel,
            fmt::format(
                "{} is not the model of this session: its SHA-256 is {}, the session was saved with {}",
                result.request.model.string(), result.project.model->sha256, session.modelSha256));
    }
    if (fingerprintOf(result.project.data) != session.dataFingerprint) {
        result.warnings.push_back(fmt::format("{} has changed since the session was saved: its numbers are "
                                              "those of then, the next run measures anew",
                                              session.data.filename().string()));
    } else if (session.lost.empty()) { // else what is there need not be of one piece
        result.project.tensors = session.tensors;
        result.project.session->restore(std::make_shared<const core::StatisticsByValue>(session.calibration),
                                        std::make_shared<const core::StatisticsByValue>(session.evaluation),
                                        *session.history.at(session.current).plan);
    }
    return result;
}

} // namespace app
